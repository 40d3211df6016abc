import type { z } from "@hono/zod-openapi";
import { isInputError, NotFoundError } from "../lib/errors.ts";
import { decodeCursor, encodeCursor } from "../lib/filter.ts";
import { checkPage } from "../lib/queries.ts";
import { checkScheduleName } from "../lib/schedule/definition.ts";
import type { Schedule } from "../lib/schedule/view.ts";
import type { Scheduler } from "../lib/scheduler.ts";
import type { listQuery } from "./schedule-input.ts";

/**
 * Returns `name` if a schedule can have it.
 *
 * @throws {NotFoundError} None can: that is not worth a read, nor is it fit to be a key of the store.
 */
export function possibleName(name: string): string {
  try {
    return checkScheduleName(name);
  } catch (error) {
    throw isInputError(error) ? new NotFoundError("schedule", name) : error;
  }
}

/** Returns the schedule of this name. @throws {NotFoundError} There is none. */
export async function findSchedule(scheduler: Scheduler, name: string): Promise<Schedule> {
  const schedule = await scheduler.get(possibleName(name));
  if (schedule === null) throw new NotFoundError("schedule", name);
  return schedule;
}

/**
 * Returns the page that `query` asks for. Its cursor is a name, so that a page neither repeats nor skips what others
 * make or remove meanwhile.
 *
 * @throws {InputRangeError} Limit or cursor is wrong.
 */
export async function listPage(
  scheduler: Scheduler,
  query: z.infer<typeof listQuery>,
): Promise<{ schedules: Schedule[]; nextCursor: string | null }> {
  const { state, q } = query;
  const { limit, cursor } = checkPage({ limit: query.limit, cursor: query.cursor });
  const list = ["schedules", state ?? null, q ?? null];
  const text = q?.toLowerCase();
  const found = await scheduler.list({
    ...(cursor === undefined ? {} : { after: String(decodeCursor(list, cursor)) }),
    limit: limit + 1, // one more tells that there is a next page
    where: (schedule) =>
      (state === undefined || [state].flat().includes(schedule.state)) &&
      (text === undefined || containsText(schedule, text)),
  });
  const page = found.slice(0, limit);
  const last = found.length > limit ? page.at(-1) : undefined;
  return { schedules: page, nextCursor: last === undefined ? null : encodeCursor(list, last.name) };
}

function containsText({ name, type, expression, description }: Schedule, text: string): boolean {
  return [name, type, expression, description].some((field) => field.toLowerCase().includes(text));
}
