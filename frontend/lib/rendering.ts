import type { ComponentChildren } from "preact";
import type { PageInfo } from "./page-info.ts";

/** What only the server renders, by name. */
export type Parts = Readonly<Record<string, ComponentChildren>>;

/** What components are told of the page in which the server renders them. */
export interface RenderingHooks {
  usePage(): PageInfo | null;
  useParts(): Parts;
}

/** Has the hooks on the server, by `server-context.ts`: in browsers none, and no code for contexts. */
export const rendering: { hooks: RenderingHooks | null } = { hooks: null };
