import { OpenAPIHono, z } from "@hono/zod-openapi";
import { type ApiDocument, describeApi } from "./api-document.ts";
import { PAGE_POLICY, renderPage, STYLE } from "./api-page.ts";
import type { ApiEnv } from "./middleware/auth.ts";
import { refuseMisfits } from "./middleware/issues.ts";
import { nothing, route } from "./schemas.ts";

const readDocument = route(["viewer", "producer"], {
  method: "get",
  path: "/openapi.json",
  summary: "Describes the API as OpenAPI 3.1",
  request: { query: nothing },
  responses: {
    200: {
      description: "What there is to ask, and what is answered, as OpenAPI 3.1",
      content: { "application/json": { schema: z.looseObject({ openapi: z.string() }) } },
    },
  },
});

const readPage = route(["viewer", "producer"], {
  method: "get",
  path: "/docs",
  summary: "Shows this document as a page",
  request: { query: nothing },
  responses: { 200: { description: "The page", content: { "text/html": { schema: z.string() } } } },
});

const readStyle = route(["viewer", "producer"], {
  method: "get",
  path: "/docs/style.css",
  summary: "The stylesheet of that page",
  request: { query: nothing },
  responses: { 200: { description: "The stylesheet", content: { "text/css": { schema: z.string() } } } },
});

/** What the document is made of. */
interface DocsOptions {
  /** Everything there is; read at the first request. */
  api: OpenAPIHono<ApiEnv>;
  version: string;
  /** The address people see. @default the request's own */
  publicUrl: string | undefined;
}

/** `GET /api/admin/openapi.json` and, for people, `GET /api/admin/docs`. */
export function docsRoutes({ api, version, publicUrl }: DocsOptions) {
  let known: ApiDocument | undefined;

  /** The document, for callers that found it at `path`. */
  function documentAt(path: string): ApiDocument {
    known ??= describeApi(api, version);
    const mount = path.replace(/\/api\/admin\/[^/]+$/, "");
    return { ...known, servers: [{ url: mount === "" ? "/" : mount }] };
  }

  return new OpenAPIHono<ApiEnv>({ defaultHook: refuseMisfits })
    .openapi(readDocument, (c) => c.json({ ...documentAt(c.req.path) }, 200))
    .openapi(readPage, (c) => {
      const document = documentAt(c.req.path);
      const address = new URL(document.servers?.[0]?.url ?? "/", publicUrl ?? c.req.url).href.replace(
        /\/$/,
        "",
      );
      c.header("Content-Security-Policy", PAGE_POLICY);
      return c.html(renderPage(document, address));
    })
    .openapi(readStyle, (c) => c.body(STYLE, 200, { "Content-Type": "text/css; charset=utf-8" }));
}
