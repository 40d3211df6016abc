import { createHash } from "node:crypto";
import { OpenAPIHono, z } from "@hono/zod-openapi";
import { type FailureGroup, FailureGroups, readFailed } from "../lib/failures.ts";
import type { PageOptions } from "../lib/queries.ts";
import type { Queue } from "../lib/queue.ts";
import type { JobFilter } from "../lib/store.ts";
import type { ApiEnv } from "./middleware/auth.ts";
import { refuseMisfits } from "./middleware/issues.ts";
import type { Redactor } from "./middleware/redact.ts";
import { answer, iso, isoTime, limit, route } from "./schemas.ts";

/** How many groups are shown, unless the query says. */
const LIMIT = 50;

const groupSchema = z.object({
  fingerprint: z.string().openapi({ description: "The same for the same type, name and pattern" }),
  type: z.string(),
  name: z.string().openapi({ description: "Name of the error" }),
  pattern: z.string().openapi({
    description: "First line of the messages; … for ids and quoted values, # for numbers",
  }),
  count: z.number().openapi({ description: "Attempts that failed so; a job remembers its last ten errors" }),
  jobs: z.number().openapi({ description: "Jobs of those attempts" }),
  firstAt: isoTime,
  lastAt: isoTime,
  sample: z.object({ jobId: z.string(), message: z.string() }).openapi({ description: "The last one" }),
}).openapi("FailureGroup");

const errorsSchema = z.object({
  data: z.array(groupSchema).openapi({ description: "Those with the most failures first" }),
  groups: z.number().openapi({ description: "How many there are, shown or not" }),
  scanned: z.number().openapi({ description: "Entries that were read" }),
  complete: z.boolean().openapi({ description: "False: older failures were not looked at" }),
});

const listErrors = route(["viewer"], {
  method: "get",
  path: "/",
  request: {
    query: z.strictObject({
      type: z.string().optional().openapi({ description: "Only this type and its family" }),
      limit: limit.refine((count) => count >= 1 && count <= 200, "must be a whole number from 1 to 200")
        .optional(),
    }),
  },
  responses: { 200: answer("What makes jobs fail", errorsSchema) },
});

/** `GET /api/admin/errors`. */
export function errorRoutes({ queue, redactor }: { queue: Queue; redactor: Redactor }) {
  return new OpenAPIHono<ApiEnv>({ defaultHook: refuseMisfits })
    .openapi(listErrors, async (c) => {
      const { type, limit: most = LIMIT } = c.req.valid("query");
      const failures = new FailureGroups();
      const list = (filter: JobFilter, page: PageOptions) => queue.list(filter, page);
      const { scanned, complete } = await readFailed(list, type, failures.add);
      const groups = failures.sorted();
      const data = groups.slice(0, most).map((group) => viewGroup(group, redactor));
      return c.json({ data, groups: groups.length, scanned, complete }, 200);
    });
}

function viewGroup(group: FailureGroup, redactor: Redactor): z.infer<typeof groupSchema> {
  const { type, name, pattern, count, jobs, firstAt, last } = group;
  return {
    fingerprint: createHash("sha256").update(JSON.stringify([type, name, pattern])).digest("hex").slice(
      0,
      16,
    ),
    type,
    name,
    pattern: redactor.text(pattern),
    count,
    jobs,
    firstAt: iso(firstAt),
    lastAt: iso(last.error.at),
    sample: { jobId: last.jobId, message: redactor.text(last.error.message) },
  };
}
