import { createDefine } from "fresh";
import type { Visit } from "../backend/routes/dashboard.ts";
import type { ApiClient } from "./lib/api.ts";
import type { PageInfo } from "./lib/page-info.ts";

/** What middlewares leave for handlers, pages and layouts. */
export interface State {
  visit: Visit;
  /** Asks the API as the visitor. */
  api: ApiClient["api"]["admin"];
  /** What every component may know. */
  page: PageInfo;
  /** What the browser's tab says; a handler sets it. */
  title: string;
}

export const define = createDefine<State>();
