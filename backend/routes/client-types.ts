import type { Hono } from "hono";
import type { ExtractSchema } from "hono/types";

/**
 * The routes of `App` as typed clients see them: what may be left out of a request is optional. Of themselves, routes
 * only say which fields within a query or a body are.
 */
export type ForClients<App> = App extends Hono<infer E, infer _, infer B>
  ? Hono<E, Endpoints<ExtractSchema<App>>, B>
  : never;

type Endpoints<S> = {
  [Path in keyof S]: {
    [Method in keyof S[Path]]: S[Path][Method] extends { input: infer I }
      ? Omit<S[Path][Method], "input"> & { input: Parts<I> }
      : S[Path][Method];
  };
};

/** `param`, `query` and `json`: each may be left out if it can be empty. */
type Parts<I> =
  & { [Part in keyof I as Empty extends I[Part] ? never : Part]: I[Part] }
  & { [Part in keyof I as Empty extends I[Part] ? Part : never]?: I[Part] };

type Empty = Record<never, never>;
