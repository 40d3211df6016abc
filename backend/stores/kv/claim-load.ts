import { type RunningJob, start } from "../../lib/job.ts";
import type { Bundle } from "./bundle-counts.ts";
import { type DecodedJob, parseRecord, toBytes, toText, unreadableJob } from "./codec.ts";
import { readJobs } from "./bundles.ts";
import { commit, Conflict, type Context } from "./context.ts";
import { type Entry, reserveAndSet } from "./entries.ts";
import { allWithParts, hasParts } from "./parts.ts";
import type { Holding } from "./process.ts";
import type { ReadyEntry } from "./ready-lane.ts";

/** A job just claimed, with the entry it had. */
export interface Claimed {
  entry: ReadyEntry;
  holding: Holding;
}

/** What this process holds once `entry` is claimed. Its job is read while the commit is under way. */
export function newHolding(
  { seq }: ReadyEntry,
  bundle: Bundle | undefined,
  lease: string,
  startedAt: number,
): Holding {
  const unread = { job: null, progress: null, data: "null", parts: {}, damaged: false };
  return { seq, startedAt, lease, ...unread, bundle, cancelRequestedAt: null };
}

/** Reads the job a process holds. */
export function read(holding: Holding, entry: ReadyEntry, record: string, workerId: string): void {
  const { decoded, damaged } = tryDecode(entry, record);
  const { lease, startedAt } = holding;
  holding.job = start(decoded.job, { workerId, lease, now: startedAt });
  holding.data = decoded.data;
  holding.parts = decoded.parts;
  holding.damaged = damaged;
}

function tryDecode({ seq, page }: ReadyEntry, record: string): { decoded: DecodedJob; damaged: boolean } {
  try {
    return { decoded: parseRecord(seq, record), damaged: false };
  } catch {
    const { queue, type, priority } = page;
    const job = unreadableJob(seq, { queue, type, priority });
    return { decoded: { job, parts: {}, data: "null" }, damaged: true };
  }
}

/** Reads what the entries did not hold. A job that cannot be read becomes `failed` and the others go on. */
export async function load(context: Context, claimed: Claimed[], now: number): Promise<RunningJob[]> {
  const { kv, reads, keys, process } = context;
  const without = claimed.filter(({ entry }) => entry.text === "");
  const records = await readJobs(kv, keys, without.map(({ entry }) => entry.seq));
  without.forEach(({ entry, holding }, i) => {
    const record = records[i]?.record ?? null;
    read(holding, entry, typeof record === "string" ? record : toText(record), process.id);
  });
  const large = claimed.flatMap(({ holding: { job, parts, damaged } }) =>
    job === null || damaged || !hasParts(parts) ? [] : [{ job, parts }]
  );
  const whole = large.length === 0 ? [] : await allWithParts(reads, context, large);
  const bySeq = new Map(large.map(({ job }, i) => [job.seq, whole[i] ?? null]));
  const jobs: RunningJob[] = [];
  for (const { entry, holding } of claimed) {
    const job = hasParts(holding.parts) ? bySeq.get(entry.seq) ?? null : holding.job;
    if (job === null || holding.damaged) await setAside(context, entry, now);
    else jobs.push(holding.job = job);
  }
  return jobs;
}

/** Makes a held job that cannot be read `failed`. Its record stays as it is, to be looked at. */
async function setAside(context: Context, entry: ReadyEntry, now: number): Promise<void> {
  const { keys } = context;
  // What has ended has a record of its own.
  const record: Entry[] = entry.bundle === undefined ? [] : [[keys.job(entry.seq), toBytes(entry.text)]];
  try {
    await commit(context, {
      build(batch) {
        const place = keys.done(entry.page.type, "failed", now);
        if (!reserveAndSet(batch, record, [], [], [{ place, seq: entry.seq, text: "", size: 0, time: 0 }])) {
          return false;
        }
        batch.dropped.add(entry.seq);
        batch.moves.move(entry.page, "running", "failed");
        return true;
      },
    });
  } catch (error) {
    if (!(error instanceof Conflict)) throw error; // fenced: its rescuer meets it again
  }
}
