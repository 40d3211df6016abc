import { OpenAPIHono } from "@hono/zod-openapi";
import { checkInteger } from "../lib/check.ts";
import { type CronOptions, CronSyntaxError, parseCron } from "../lib/cron.ts";
import type { Queue } from "../lib/queue.ts";
import { checkScheduleName } from "../lib/schedule/definition.ts";
import { noteNothing } from "./middleware/audit.ts";
import type { ApiEnv } from "./middleware/auth.ts";
import { refuseMisfits } from "./middleware/issues.ts";
import { previewInput } from "./schedule-input.ts";
import { previewSchema } from "./schedule-schemas.ts";
import { answer, body, nothing, route } from "./schemas.ts";

/** How many times are told, if the caller does not say, and at the most. */
const COUNT = 10;
const MOST = 100;

/** What `H` chooses by while the schedule has no name. */
const NAMELESS = "preview";

const NAME_MATTERS =
  "H stands for another value with another name: give the schedule's name to see its times";

const preview = route(["viewer"], {
  method: "post",
  path: "/preview",
  request: { query: nothing, body: body(previewInput) },
  responses: { 200: answer("What the expression means", previewSchema) },
});

/** `POST /api/admin/cron/preview`: explains an expression, and stores nothing. */
export function cronRoutes({ queue }: { queue: Queue }) {
  return new OpenAPIHono<ApiEnv>({ defaultHook: refuseMisfits })
    .openapi(preview, (c) => {
      noteNothing(c, "it stores nothing");
      const { expression, timezone, dst, name, count = COUNT, from = queue.now() } = c.req.valid("json");
      const most = checkInteger(count, "count", 1, MOST);
      const options = { timezone, dst, anchor: from };
      const seed = name === undefined ? NAMELESS : checkScheduleName(name);
      const cron = parseCron(expression, { ...options, seed });
      return c.json({
        description: cron.describe(),
        next: cron.upcoming(most, new Date(from)).map((time) => time.toISOString()),
        warnings: name === undefined && needsSeed(expression, options)
          ? [...cron.warnings, NAME_MATTERS]
          : [...cron.warnings],
        neverFires: cron.neverFires,
      }, 200);
    });
}

/** True if an expression that can be read says something else for each name. */
function needsSeed(expression: string, options: CronOptions): boolean {
  try {
    parseCron(expression, options);
    return false;
  } catch (error) {
    if (error instanceof CronSyntaxError) return true;
    throw error;
  }
}
