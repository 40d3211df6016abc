/** The version of this program, as its changelog names it. */
export const VERSION = "0.1.0";
