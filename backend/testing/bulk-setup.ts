import { BULK_TYPE, registerBulk } from "../lib/bulk.ts";
import type { BulkData, BulkResult } from "../lib/bulk/data.ts";
import type { Job } from "../lib/job.ts";
import { insertsOf, makeJob } from "./factories.ts";
import { START } from "./fake-clock.ts";
import { TestQueue } from "./test-queue.ts";

/** A queue that performs bulk jobs, and has these. */
export async function setUp(jobs: readonly Partial<Job>[] = []) {
  const queue = new TestQueue();
  registerBulk(queue);
  await queue.ready();
  queue.clock.advance(10_000);
  await queue.store.insert(insertsOf(jobs.map((job) => makeJob(job))), queue.clock.now());
  return queue;
}

/** What a finished job has. */
export const done = { finishedAt: START, startedAt: START, attempt: 1 };
/** A job of each status but running. */
export const EVERY: Partial<Job>[] = [
  { id: "pending" },
  { id: "scheduled", status: "scheduled", scheduledAt: START + 1e9 },
  { id: "retrying", status: "retrying", scheduledAt: START + 1e9, attempt: 1 },
  { id: "completed", status: "completed", ...done },
  { id: "failed", status: "failed", ...done },
  { id: "cancelled", status: "cancelled", ...done },
];

/** Adds a bulk job and runs it. */
export async function bulk(queue: TestQueue, data: BulkData): Promise<BulkResult> {
  const id = await queue.add(BULK_TYPE, data);
  await queue.drain();
  return (await queue.job(id)).result as BulkResult;
}

/** The status of each job but those of bulk, by id. */
export async function statusesOf(queue: TestQueue): Promise<Record<string, string>> {
  const { jobs } = await queue.list({}, { limit: 200 });
  return Object.fromEntries(
    jobs.filter(({ type }) => type !== BULK_TYPE).map(({ id, status }) => [id, status]).sort(),
  );
}

/** What a bulk job says that it did. */
export function result(changed: number, skipped = 0, failed = 0): BulkResult {
  return { matched: changed + skipped + failed, changed, skipped, failed };
}
