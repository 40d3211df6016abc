/** Stands in for Fresh 2.3, which npm does not have: the names and signatures of it that the dashboard uses. */
export { App, staticFiles } from "./app.ts";
export type { Context, PageProps } from "./context.ts";
export { createDefine, type Middleware, page } from "./define.ts";
export { HttpError } from "./runtime.ts";
