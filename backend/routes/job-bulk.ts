import { OpenAPIHono, z } from "@hono/zod-openapi";
import { BULK_QUEUE, BULK_TYPE, registerBulk } from "../lib/bulk.ts";
import { checkBulk } from "../lib/bulk/data.ts";
import { countBulk } from "../lib/bulk/selection.ts";
import type { Queue } from "../lib/queue.ts";
import type { Redactor } from "../lib/redact.ts";
import { filterOf } from "./job-find.ts";
import * as input from "./job-input.ts";
import { note, noteNothing } from "./middleware/audit.ts";
import type { ApiEnv } from "./middleware/auth.ts";
import { refuseMisfits } from "./middleware/issues.ts";
import { answer, body, nothing, route } from "./schemas.ts";

/** About how many jobs a dry run looks at: a moment's work. */
const MOST_COUNTED = 10_000;

const changeMany = route([], {
  method: "post",
  path: "/bulk",
  summary: "Retries, cancels or removes many jobs, in a job of its own",
  request: { query: nothing, body: body(input.bulkInput) },
  responses: {
    200: answer(
      "A dry run: how many jobs it would change",
      z.object({ matched: z.number(), scanned: z.number(), complete: z.boolean() }),
    ),
    202: answer("The id of the job that does it", z.object({ id: z.string() })),
  },
});

/** `POST /api/admin/jobs/bulk`. What performs its jobs is registered on `queue`. */
export function jobBulkRoutes({ queue, redactor }: { queue: Queue; redactor: Redactor }) {
  registerBulk(queue);
  return new OpenAPIHono<ApiEnv>({ defaultHook: refuseMisfits })
    .openapi(changeMany, async (c) => {
      const { action, ids, filter, dryRun } = c.req.valid("json");
      const data = checkBulk({
        action,
        ...(ids === undefined ? {} : { ids }),
        ...(filter === undefined ? {} : { filter: wholeFilter(filter) }),
      });
      if (dryRun) {
        noteNothing(c, "a dry run changes nothing");
        return c.json(await countBulk(queue, data, { now: queue.now(), most: MOST_COUNTED }), 200);
      }
      const id = await queue.add(BULK_TYPE, data, { queue: BULK_QUEUE, createdBy: c.var.role });
      note(c, { action: "job.bulk", subject: id, after: { action, ids, filter } });
      const location = new URL(c.req.url).pathname.replace(/[^/]+$/, encodeURIComponent(id));
      return c.json({ id }, 202, { Location: location });

      function wholeFilter({ data = {}, ...query }: NonNullable<typeof filter>) {
        const paths = Object.entries(data).map(([path, value]) => [`data.${path}`, value]);
        return filterOf({ ...query, ...Object.fromEntries(paths) }, c.var.role, redactor);
      }
    });
}
