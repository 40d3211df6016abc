/** The HTTP API, typed: on the server asked in this process, in a browser over the network. */
import { type ApiClient, createClient } from "../../backend/client.ts";

export { type ApiClient, ApiError } from "../../backend/client.ts";

/** The routes under `/api/admin`. */
export type Api = ApiClient["api"]["admin"];

let browserApi: Api | undefined;

/** The API for islands. `base` is the page's, as `usePage()` says it. */
export function apiAt(base: string): Api {
  return browserApi ??= createClient(base).api.admin;
}
