import { OpenAPIHono, type z } from "@hono/zod-openapi";
import { checkInteger } from "../lib/check.ts";
import { type CronOptions, CronSyntaxError, parseCron } from "../lib/cron.ts";
import { isInputError } from "../lib/errors.ts";
import type { Queue } from "../lib/queue.ts";
import { checkScheduleName } from "../lib/schedule/definition.ts";
import { noteNothing } from "./middleware/audit.ts";
import type { ApiEnv } from "./middleware/auth.ts";
import { refuseMisfits } from "./middleware/issues.ts";
import { issuesOf } from "./middleware/problem.ts";
import { previewInput } from "./schedule-input.ts";
import { previewSchema } from "./schedule-schemas.ts";
import { answer, body, iso, nothing, route } from "./schemas.ts";

/** How many times are told, if the caller does not say, and at the most. */
const COUNT = 10;
const MOST = 100;

/** Later times ISO 8601 can write only where both sides have agreed on it. */
const YEAR_10000 = Date.UTC(10_000, 0);

/** What `H` chooses by while the schedule has no name. */
const NAMELESS = "preview";

const NAME_MATTERS =
  "H stands for another value with another name: give the schedule's name to see its times";

const preview = route(["viewer"], {
  method: "post",
  path: "/preview",
  summary: "Explains an expression, and stores nothing",
  request: { query: nothing, body: body(previewInput) },
  responses: { 200: answer("What the expression means", previewSchema) },
});

/** `POST /api/admin/cron/preview`: explains an expression, and stores nothing. */
export function cronRoutes({ queue }: { queue: Queue }) {
  return new OpenAPIHono<ApiEnv>({ defaultHook: refuseMisfits })
    .openapi(preview, (c) => {
      noteNothing(c, "it stores nothing");
      const { draft = false, ...question } = c.req.valid("json");
      try {
        return c.json({ ...explain(question, queue.now()), fault: null }, 200);
      } catch (error) {
        if (!draft || !isInputError(error)) throw error;
        const [fault] = issuesOf(error);
        return c.json({ ...NOTHING, fault: fault ?? { path: "", message: error.message } }, 200);
      }
    });
}

type Preview = Omit<z.infer<typeof previewSchema>, "fault">;

/** What is known of an expression that cannot be read. */
const NOTHING: Preview = { description: "", next: [], warnings: [], neverFires: false, clockChanges: [] };

/** @throws {InputRangeError} It cannot be read, or another field is out of range. */
function explain(question: Omit<z.infer<typeof previewInput>, "draft">, now: number): Preview {
  const { expression, timezone, dst, name, count = COUNT, from = now, anchor = from } = question;
  const most = checkInteger(count, "count", 1, MOST);
  const options = { timezone, dst, anchor };
  const seed = name === undefined ? NAMELESS : checkScheduleName(name);
  const cron = parseCron(expression, { ...options, seed });
  const next = cron.upcoming(most, new Date(from)).filter((time) => time.getTime() < YEAR_10000);
  return {
    description: cron.describe(),
    next: next.map((time) => time.toISOString()),
    warnings: name === undefined && needsSeed(expression, options)
      ? [...cron.warnings, NAME_MATTERS]
      : [...cron.warnings],
    neverFires: cron.neverFires,
    clockChanges: cron.clockChanges(new Date(from), next.at(-1) ?? new Date(from)).map((change) => ({
      at: iso(change.at),
      effect: change.effect,
      time: clockTime(change.time),
      from: clockTime(change.from),
      to: clockTime(change.to),
    })),
  };
}

/** Milliseconds since 1970-01-01 00:00 on clocks, as those show it. */
function clockTime(time: number): string {
  return iso(time).replace(/\.\d+Z$/, "");
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
