import type { Api } from "./api.ts";
import type { WholeJob } from "./job.ts";

/** Failures of one cause. */
export interface SameFailures {
  /** How many jobs they hit. */
  jobs: number;
  firstAt: string;
}

/**
 * Finds the failures of the same cause as that of a job; null: it has not failed, or nobody has looked that far. The
 * API reads many jobs for it, longer than a page takes: for the parts of one that is there.
 */
export async function loadSame(
  api: Api,
  { status, type, fingerprint }: WholeJob,
): Promise<SameFailures | null> {
  if (status !== "failed") return null;
  const { data } = await (await api.errors.$get({ query: { type, limit: "200" } })).json();
  const group = data.find((group) => group.fingerprint === fingerprint);
  return group === undefined ? null : { jobs: group.jobs, firstAt: group.firstAt };
}
