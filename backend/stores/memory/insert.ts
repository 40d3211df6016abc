import { UniqueConflictError } from "../../lib/errors.ts";
import { holdsUnique, isWaiting, type Job, replace } from "../../lib/job.ts";
import type { Insert, Inserted } from "../../lib/store.ts";
import type { MemoryData } from "./data.ts";

/** Adds one job, or does what its id or unique key calls for. */
export function insertJob(data: MemoryData, { job, onConflict = "keep" }: Insert, now: number): Inserted {
  const same = data.find(job.id);
  if (same !== undefined) return { id: same.id, outcome: "exists" };
  const holder = job.unique === null ? undefined : holderOf(data, job.unique.key, now);
  if (holder !== undefined && onConflict === "reject") return { id: holder.id, outcome: "rejected" };
  if (holder !== undefined && onConflict === "keep") return { id: holder.id, outcome: "exists" };
  if (holder !== undefined && isWaiting(holder.status)) {
    data.put(replace(holder, job));
    return { id: holder.id, outcome: "replaced" };
  }
  if (job.unique !== null) data.uniques.set(job.unique.key, job.seq);
  data.put(job);
  data.countAdded(job, now);
  return { id: job.id, outcome: "added" };
}

/** Gives `job` its unique key again. @throws {UniqueConflictError} Another job holds it. */
export function retakeKey(data: MemoryData, job: Job, now: number): void {
  if (job.unique === null) return;
  const holder = holderOf(data, job.unique.key, now);
  if (holder !== undefined && holder.seq !== job.seq) {
    throw new UniqueConflictError(job.unique.key, holder.id);
  }
  data.uniques.set(job.unique.key, job.seq);
}

/** The job that keeps others from `key` now. */
function holderOf(data: MemoryData, key: string, now: number): Job | undefined {
  const holder = data.find(data.uniques.get(key) ?? "");
  return holder !== undefined && holdsUnique(holder, now) ? holder : undefined;
}
