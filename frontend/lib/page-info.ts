import { rendering } from "./rendering.ts";

export type Theme = "system" | "light" | "dark";

/** What every component may know of its page. */
export interface PageInfo {
  /** Where the dashboard is mounted, without a slash at its end: "" or "/ops". */
  base: string;
  /** null: nobody is signed in. Only admins see buttons that change something. */
  role: "admin" | "viewer" | null;
  /** The viewer's time zone, as the browser told at an earlier visit; else UTC. */
  zone: string;
  theme: Theme;
}

/** The cookies that say how somebody wants to see things. The browser writes them, the server reads them. */
export const THEME_COOKIE = "cronosaur-theme";
export const ZONE_COOKIE = "cronosaur-zone";

/** The page a component is on. Islands in the browser read it off the document. */
export function usePage(): PageInfo {
  return rendering.hooks?.usePage() ?? infoOfDocument();
}

/** What links and requests begin with. */
export function useBase(): string {
  return usePage().base;
}

let ofDocument: PageInfo | undefined;

function infoOfDocument(): PageInfo {
  const { base = "", role = "", theme = "system" } = document.documentElement.dataset;
  return ofDocument ??= {
    base,
    role: role === "admin" || role === "viewer" ? role : null,
    zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    theme: theme as Theme,
  };
}
