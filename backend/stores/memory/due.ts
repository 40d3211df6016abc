import { expire, isExpired } from "../../lib/job.ts";
import type { MemoryData } from "./data.ts";

/** Makes due jobs pending. Returns how many, and when the next one is due. */
export function promoteDue(data: MemoryData, now: number): { promoted: number; nextDueAt: number | null } {
  let promoted = 0;
  let nextDueAt: number | null = null;
  for (const status of ["scheduled", "retrying"] as const) {
    for (const job of [...data.byStatus[status].after()]) {
      if (job.scheduledAt > now) {
        nextDueAt = Math.min(nextDueAt ?? Infinity, job.scheduledAt);
        break;
      }
      data.put({ ...job, status: "pending" });
      promoted++;
    }
  }
  return { promoted, nextDueAt };
}

/** Cancels waiting jobs that were to start before `now`. Returns how many. */
export function expireDue(data: MemoryData, now: number): number {
  let expired = 0;
  for (const status of ["pending", "scheduled"] as const) {
    for (const job of [...data.byStatus[status].after()]) {
      if (!isExpired(job, now)) continue;
      const cancelled = expire(job, now);
      data.put(cancelled);
      data.countEnded(job, cancelled, now);
      expired++;
    }
  }
  return expired;
}
