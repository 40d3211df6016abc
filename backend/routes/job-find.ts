import type { z } from "@hono/zod-openapi";
import { isId } from "../lib/check.ts";
import { NotFoundError } from "../lib/errors.ts";
import type { Job } from "../lib/job.ts";
import type { Queue } from "../lib/queue.ts";
import type { Redactor } from "../lib/redact.ts";
import type { JobFilter } from "../lib/store.ts";
import type { conditions } from "./job-input.ts";
import type { Role } from "./middleware/auth.ts";

/** What `createdBy` says of jobs that producers added: the only ones they see. */
export const PRODUCER = "producer";

/**
 * Returns the job of this id.
 *
 * @throws {NotFoundError} There is none, or the caller must not know of it.
 */
export async function findJob(queue: Queue, id: string, role: Role): Promise<Job> {
  const job = isId(id) ? await queue.get(id) : null;
  if (job === null || !mayRead(job, role)) throw new NotFoundError("job", id);
  return job;
}

/** True unless `job` is hidden from callers of `role`. */
export function mayRead(job: Job, role: Role): boolean {
  return role !== "producer" || job.createdBy === PRODUCER;
}

/** What jobs are chosen by; conditions on their data stand under `data.<path>`. */
type JobQuery = z.infer<z.ZodObject<typeof conditions>>;

/** The filter that the query of a list asks for, within what callers of `role` see. */
export function filterOf(
  query: JobQuery,
  role: Role,
  redactor: Redactor,
): JobFilter {
  const {
    status,
    q,
    type,
    queue,
    tag,
    createdBy,
    fingerprint,
    createdAfter,
    createdBefore,
    finishedAfter,
    finishedBefore,
  } = query;
  const data = Object.entries(query)
    .filter(([name]) => name.startsWith("data."))
    .map(([name, value]) => ({ path: name.slice("data.".length), value: String(value) }));
  const filter: JobFilter = {
    status: typeof status === "string" ? [status] : status,
    type,
    queue,
    tag,
    text: q,
    data: data.length > 0 ? data : undefined,
    createdBy: role === "producer" ? PRODUCER : createdBy,
    fingerprint,
    createdAfter,
    createdBefore,
    finishedAfter,
    finishedBefore,
    redact: q === undefined && data.length === 0 ? undefined : redactor.names,
  };
  // A field without a value is no condition; the cursor belongs to the conditions as written.
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined));
}
