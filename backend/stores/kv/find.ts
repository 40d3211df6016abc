import { isUuid } from "../../lib/ids.ts";
import { isFinal, type Job, type JobProgress, type JobStatus, start } from "../../lib/job.ts";
import { readJob } from "./bundles.ts";
import { decode, decodeJob, parseRecord, type StoredJob, unreadableJob } from "./codec.ts";
import type { Context } from "./context.ts";
import { earliestPage, findPage, type StoredPage } from "./pages.ts";
import { decodeProc, unpackClaims } from "./process.ts";

/** A job as it is now, and what must not have changed for that to be still so. */
export interface Found extends StoredJob {
  /** As its record says: a running job as it was before it was claimed. */
  recorded: Job;
  /** The record, and the page or entry a waiting job stands in. */
  checks: Deno.AtomicCheck[];
  /** The page a pending job stands in. */
  page: StoredPage | null;
  /** The entry of a job that is scheduled or retrying. */
  due: Deno.KvKey | null;
  /** The process that holds a running job. */
  owner: string | null;
}

/** How often a job that moves while it is looked at is looked at again. */
const LOOKS = 50;

/** The seq of the job with this id; null if there is none. */
export async function seqOf(kv: Deno.Kv, { keys }: Context, id: string): Promise<string | null> {
  if (isUuid(id)) return id;
  const alias = await kv.get<Uint8Array>(keys.alias(id));
  return alias.value === null ? null : decode(alias.value) as string;
}

/**
 * Finds a job by its seq. Its record says what it was when last written; where it stands now says the rest: an
 * entry in `ready`: pending; in `due`: as recorded; in some process's key: running.
 */
export async function find(context: Context, seq: string, kv = context.kv): Promise<Found | null> {
  for (let look = 0; look < LOOKS; look++) {
    const found = await lookOnce(context, seq, kv);
    if (found !== "moving") return found;
  }
  throw new TypeError(`Cannot read job "${seq}": it is nowhere to be found`);
}

async function lookOnce(context: Context, seq: string, kv: Deno.Kv): Promise<Found | null | "moving"> {
  const { keys } = context;
  const { record, check, bundle } = await readJob(kv, keys, seq);
  if (record === null) return null;
  const stored = readRecord(seq, record);
  const { job, parts } = stored;
  const found: Found = { job, recorded: job, parts, checks: [check], page: null, due: null, owner: null };
  if (isFinal(job.status)) return found;
  const page = await findPage(kv, keys.ready(job), seq, earliestPage(seq));
  if (page !== null) return { ...found, job: { ...job, status: "pending" }, checks: [check, page], page };
  const [due, progress] = await kv.getMany<[Uint8Array, Uint8Array]>([
    keys.due(job.scheduledAt, seq),
    keys.progress(seq),
  ]);
  if (due.versionstamp !== null) {
    return { ...found, job: { ...job, status: statusOfDue(job) }, checks: [check, due], due: due.key };
  }
  const holder = await holderOf(context, kv, seq);
  if (holder === null) return "moving";
  // It has no place whose check tells that it has ended and been deleted since.
  const checks = bundle === null ? found.checks : [check, bundle];
  return { ...found, checks, job: runningJob(job, holder, progress.value), owner: holder.id };
}

/** The status of a job that stands in `due`, by its record. */
export function statusOfDue({ status }: Job): JobStatus {
  return status === "pending" ? "scheduled" : status;
}

/** Who holds a running job, and since when. */
interface Holder {
  id: string;
  epoch: string;
  at: number;
}

function runningJob(job: Job, holder: Holder, progress: Uint8Array | null): Job {
  const { lease: _, ...running } = start(job, { workerId: holder.id, lease: holder.epoch, now: holder.at });
  return progress === null ? running : { ...running, progress: decode(progress) as JobProgress };
}

async function holderOf({ keys }: Context, kv: Deno.Kv, seq: string): Promise<Holder | null> {
  for (const prefix of [keys.procs(), keys.deads()]) {
    for await (const entry of kv.list<Uint8Array>({ prefix })) {
      const value = decodeProc(entry.value);
      const at = value === null ? undefined : unpackClaims(value.claims).get(seq);
      if (value !== null && at !== undefined) {
        return { id: String(entry.key[prefix.length]), epoch: value.epoch, at };
      }
    }
  }
  return null;
}

/** Reads a record, or says in its place that it cannot be read. */
export function readRecord(seq: string, record: unknown): StoredJob {
  try {
    return typeof record === "string" ? parseRecord(seq, record) : decodeJob(seq, record);
  } catch {
    return { job: unreadableJob(seq, {}), parts: {} };
  }
}

/** Everything that runs now, by seq. */
export async function listRunning({ keys }: Context, kv: Deno.Kv): Promise<Map<string, Holder>> {
  const running = new Map<string, Holder>();
  for (const prefix of [keys.procs(), keys.deads()]) {
    for await (const entry of kv.list<Uint8Array>({ prefix })) {
      const value = decodeProc(entry.value);
      if (value === null) continue;
      const id = String(entry.key[prefix.length]);
      for (const [seq, at] of unpackClaims(value.claims)) running.set(seq, { id, epoch: value.epoch, at });
    }
  }
  return running;
}
