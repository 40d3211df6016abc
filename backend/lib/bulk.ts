import { type BulkData, type BulkQueue, type BulkResult, bulkSchema } from "./bulk/data.ts";
import { BulkRun } from "./bulk/run.ts";
import type { JobContext } from "./context.ts";
import { defineJob, type JobDefinition } from "./define-job.ts";
import type { Queue } from "./queue.ts";

/** The type of bulk jobs, and the queue they wait in: a pause of the jobs they are to change must not stop them. */
export const BULK_TYPE = "bulk:jobs";
export const BULK_QUEUE = "bulk";

/** Defines the jobs that change many jobs of `queue`. */
export function defineBulk(queue: BulkQueue): JobDefinition<BulkData, BulkData, BulkResult> {
  return defineJob({
    type: BULK_TYPE,
    schema: bulkSchema,
    queue: BULK_QUEUE,
    priority: 1000,
    maxAttempts: 5,
    run: (job: JobContext<BulkData>) => new BulkRun(queue, job).run(),
  });
}

/** Registers what performs bulk jobs on `queue`, unless that has been done. */
export function registerBulk(queue: Queue): void {
  if (!queue.knows(BULK_TYPE)) queue.process(defineBulk(queue));
}
