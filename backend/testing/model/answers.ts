import { isInputError, QueueError } from "../../lib/errors.ts";
import type { HistoryPoint } from "../../lib/history.ts";
import { cancel, type Job, retry, update } from "../../lib/job.ts";
import type { Store } from "../../lib/store.ts";
import type { Verb } from "./steps.ts";

/** What a call came to: its answer, or why it was refused. */
export type Answer = { value: unknown } | { error: unknown };

/** What `what` makes of `job`. */
export function transition(job: Job, what: Verb, now: number): Job {
  if (what.verb === "cancel") return cancel(job, now);
  if (what.verb === "retry") return retry(job, now);
  if (what.verb === "remove") return job;
  const changes = {
    ...(what.priority === null ? {} : { priority: what.priority }),
    ...(what.delay === null ? {} : { scheduledAt: now + what.delay }),
  };
  return update(job, changes, now);
}

/** An answer as both sides must give it: leases are each side's own. */
export function shownOf(answer: Answer): Answer {
  if (!("value" in answer) || !Array.isArray(answer.value)) return answer;
  const hide = (item: unknown) =>
    typeof item === "object" && item !== null && "lease" in item ? { ...item, lease: "" } : item;
  return { value: answer.value.map(hide) };
}

/**
 * Rescues until there is nothing left. A process that was only declared dead may still be writing, which a process
 * that died does not, and be in the way of the first try.
 */
export async function rescueAll(store: Store, now: number): Promise<number> {
  let rescued = 0;
  for (let idle = 0; idle < 2;) {
    const more = await store.rescue(now);
    rescued += more;
    idle = more === 0 ? idle + 1 : 0;
  }
  return rescued;
}

/** What became of a call. Errors are compared by what a caller may rely on. */
export async function answerOf(call: Promise<unknown>): Promise<Answer> {
  try {
    return { value: await call };
  } catch (error) {
    if (error instanceof QueueError) return { error: { code: error.code, message: error.message } };
    if (isInputError(error)) return { error: error.issues };
    throw error;
  }
}

/** True if the store could not say what became of the call. */
export function isUnavailable(answer: Answer): boolean {
  return "error" in answer && (answer.error as { code?: string }).code === "store_unavailable";
}

/** History without minutes in which nothing happened, and without the zeros a histogram may or may not end with. */
export function trimmed(points: readonly HistoryPoint[]): unknown {
  const cut = (counts: number[]) => counts.slice(0, counts.findLastIndex((count) => count > 0) + 1);
  return points
    .filter(({ added, completed, failed, cancelled, retried }) =>
      added + completed + failed + cancelled + retried > 0
    )
    .map((point) => ({ ...point, runTime: cut(point.runTime), waitTime: cut(point.waitTime) }));
}
