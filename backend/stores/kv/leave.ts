import { isFinal } from "../../lib/job.ts";
import type { Context } from "./context.ts";
import { type Entry, finishedAt } from "./entries.ts";
import type { Found } from "./find.ts";
import { findPage, type StoredPage, takeOut } from "./pages.ts";

/** What is to be written so that a job that does not run leaves its place. */
export interface Leaving {
  sets: Entry[];
  gone: Deno.KvKey[];
  checks: Deno.AtomicCheck[];
  /** Two jobs cannot leave one page in one commit. */
  subjects: string[];
}

/** Lets a job as found leave its place. */
export async function leave({ kv, keys }: Context, { job, page, due }: Found): Promise<Leaving> {
  if (due !== null) return { sets: [], gone: [due], checks: [], subjects: [] };
  const { seq, type, status } = job;
  if (!isFinal(status)) return page === null ? NOTHING : leavePage(page, [seq]);
  const stored = await findPage(kv, keys.done(type, status, finishedAt(job)), seq);
  return stored === null ? NOTHING : leavePage(stored, [seq]);
}

/** Lets some jobs leave a page, if that still is as it was read. */
export function leavePage(page: StoredPage, seqs: readonly string[]): Leaving {
  const leaving = new Set(seqs);
  const subjects = [`page ${page.key.join("\n")}`];
  return { ...takeOut(page, ({ seq }) => leaving.has(seq)), checks: [page], subjects };
}

const NOTHING: Leaving = { sets: [], gone: [], checks: [], subjects: [] };
