import type { JobStatus } from "../components/Status.tsx";

/** True of a job that has ended, and stays as it is until somebody retries it. */
export function isFinal(status: JobStatus): boolean {
  return status === "completed" || status === "failed" || status === "cancelled";
}
