/** Names, in every webhook of a run, the process that sends it. */
export const PROCESS_HEADER = "x-crash-process";
