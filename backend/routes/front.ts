import { Hono } from "hono";
import { inOrder } from "./middleware/checks.ts";
import { safeHeaders } from "./middleware/headers.ts";
import { refuseMethod } from "./middleware/methods.ts";
import { identify } from "./middleware/request-id.ts";

/** Where callers find a token. */
const AUTHORIZATION =
  "Bearer ADMIN_TOKEN, VIEWER_TOKEN or ENQUEUE_TOKEN: from the service's environment, else its data/tokens.env";

/**
 * The route `/` of a service, open to all: where to go on from the address that its log prints. An app that mounts
 * the API has a page of its own there.
 *
 * @param basePath Where all routes begin: `/` or `/ops`.
 */
export function frontRoutes(basePath: string): Hono {
  const base = basePath === "/" ? "" : basePath;
  const complete = safeHeaders();
  return new Hono()
    .use("/", inOrder([identify()], [(c) => complete(c, c.res.headers)]))
    .get("/", (c) =>
      c.json({
        service: "cronosaur",
        jobs: `${base}/api/admin/jobs`,
        health: `${base}/health/ready`,
        dashboard: `${base}/admin/jobs`,
        signIn: `${base}/admin/login`,
        authorization: AUTHORIZATION,
        guide: "docs/BACKGROUND_JOBS.md",
      }))
    .all("/", (c) => refuseMethod(c, ["GET"]));
}
