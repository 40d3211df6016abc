import { OpenAPIHono, z } from "@hono/zod-openapi";
import type { AuditLog } from "../lib/audit-log.ts";
import { pageOf, pageSchema } from "./list-page.ts";
import type { ApiEnv } from "./middleware/auth.ts";
import { refuseMisfits } from "./middleware/issues.ts";
import { answer, cursor, iso, isoTime, limit, route } from "./schemas.ts";

const fields = z.record(z.string(), z.unknown()).nullable();

const entrySchema = z.object({
  id: z.string(),
  at: isoTime,
  by: z.string(),
  action: z.string(),
  subject: z.string().nullable(),
  requestId: z.string().nullable(),
  before: fields,
  after: fields,
}).openapi("AuditEntry");

const listEntries = route(["viewer"], {
  method: "get",
  path: "/",
  summary: "Lists who changed what, newest first",
  request: {
    query: z.strictObject({
      action: z.string().optional().openapi({
        description: '"job.cancel", or "job" for all that is done to jobs',
      }),
      subject: z.string().optional(),
      by: z.string().optional(),
      limit: limit.optional(),
      cursor: cursor.optional(),
    }),
  },
  responses: {
    200: answer("A page of changes, newest first", pageSchema(entrySchema)),
  },
});

/** `GET /api/admin/audit`. */
export function auditRoutes({ audit }: { audit: Pick<AuditLog, "page"> }) {
  return new OpenAPIHono<ApiEnv>({ defaultHook: refuseMisfits })
    .openapi(listEntries, async (c) => {
      const { action, subject, by, limit, cursor } = c.req.valid("query");
      const page = await audit.page({ action, subject, by }, { limit, cursor });
      const data = page.entries.map(({ at, before, after, ...entry }) => {
        return { ...entry, at: iso(at), before: before && { ...before }, after: after && { ...after } };
      });
      return c.json(pageOf(data, page, limit), 200);
    });
}
