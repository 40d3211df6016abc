import { matches } from "../../lib/filter.ts";
import { isFinal, type Job, type JobStatus } from "../../lib/job.ts";
import type { JobFilter } from "../../lib/store.ts";
import { readJobs } from "./bundles.ts";
import { type StoredJob, toText, unreadableJob } from "./codec.ts";
import type { Context } from "./context.ts";
import { find, readRecord, statusOfDue } from "./find.ts";
import { getAll } from "./get-all.ts";
import { decodePage, earliestPage } from "./pages.ts";
import { createSieve } from "./sieve.ts";

/** An index entry: a job, or the way to it. */
export interface Hit {
  seq: string;
  /** Its record, if the index holds it. */
  record?: Uint8Array | string;
  /** Where the index says it stands, if it holds the record too; undefined: that must be looked up. */
  place?: "ready" | "due";
}

/** What an entry leads to; null if its job is gone, or not meant. */
export type Loaded = StoredJob | null;

/** Pages of one place that are looked at to tell which jobs are pending. */
const FEW_PAGES = 8;

/**
 * Returns what reads the jobs of entries, as they are now and as far as `filter` means them. Where an unfinished job
 * stands is looked up only if it meets all that its record tells: a search costs what reading records costs.
 */
export function createLoader(context: Context, filter: JobFilter) {
  const { status: _, ...recorded } = filter;
  const mayMatch = createSieve(recorded);

  function read(seq: string, record: Uint8Array | string | null): Loaded {
    if (record === null) return null;
    const text = typeof record === "string" ? record : toText(record);
    if (!mayMatch(seq, text)) return null;
    const stored = readRecord(seq, text);
    return matches(stored.job, recorded) ? stored : null;
  }

  /** @param statuses Which of them are meant; undefined: all. */
  return async (hits: readonly Hit[], statuses?: readonly JobStatus[]): Promise<Loaded[]> => {
    const records = await recordsOf(context, hits);
    const loaded = hits.map(({ seq }, i) => read(seq, records[i] ?? null));
    await tellPlaces(context, hits, loaded);
    if (statuses === undefined) return loaded;
    return loaded.map((stored) => stored !== null && statuses.includes(stored.job.status) ? stored : null);
  };
}

async function recordsOf(
  { reads, keys }: Context,
  hits: readonly Hit[],
): Promise<(Uint8Array | string | null)[]> {
  const without = hits.filter(({ record }) => record === undefined);
  if (without.length === 0) return hits.map(({ record }) => record ?? null);
  const found = (await readJobs(reads, keys, without.map(({ seq }) => seq))).values();
  return hits.map(({ record }) => record ?? found.next().value?.record ?? null);
}

/** Gives the unfinished jobs among `loaded` the status of where they stand. */
async function tellPlaces(context: Context, hits: readonly Hit[], loaded: Loaded[]): Promise<void> {
  const unknown = loaded.flatMap((stored, i) =>
    stored === null || isFinal(stored.job.status) || hits[i]?.place !== undefined ? [] : [stored.job]
  );
  const ready = await readyAmong(context, unknown);
  const due = await dueAmong(context, unknown.filter(({ seq }) => !ready.has(seq)));
  await Promise.all(hits.map(async ({ seq, place }, i) => {
    const stored = loaded[i] ?? null;
    if (stored === null || isFinal(stored.job.status)) return;
    if (place === "ready" || ready.has(seq)) loaded[i] = withStatus(stored, "pending");
    else if (place === "due" || due.has(seq)) loaded[i] = withStatus(stored, statusOfDue(stored.job));
    else loaded[i] = await findReadable(context, seq);
  }));
}

function withStatus(stored: StoredJob, status: JobStatus): StoredJob {
  return { ...stored, job: { ...stored.job, status } };
}

async function findReadable(context: Context, seq: string): Promise<Loaded> {
  try {
    return await find(context, seq, context.reads);
  } catch {
    return { job: unreadableJob(seq, {}), parts: {} };
  }
}

/** Those of `jobs` that stand in `ready`, as far as a look at a few pages tells: neighbours mostly share them. */
async function readyAmong({ reads, keys }: Context, jobs: readonly Job[]): Promise<Set<string>> {
  const places = new Map<string, { place: Deno.KvKey; seqs: string[] }>();
  for (const job of jobs) {
    const place = keys.ready(job);
    const name = place.join("\n");
    const those = places.get(name);
    if (those === undefined) places.set(name, { place, seqs: [job.seq] });
    else those.seqs.push(job.seq);
  }
  const pending = new Set<string>();
  await Promise.all([...places.values()].map(async ({ place, seqs }) => {
    const inOrder = seqs.toSorted();
    const [first = "", last = ""] = [inOrder[0], inOrder.at(-1)];
    const range = { start: [...place, earliestPage(first)], end: [...place, last, 0] };
    // From the end: where many were added at once, many pages lie before those that hold them.
    const options = { reverse: true, limit: FEW_PAGES, batchSize: 2 };
    for await (const { key, value } of reads.list<Uint8Array>(range, options)) {
      for (const { seq } of decodePage(key, value)) pending.add(seq);
      if (seqs.every((seq) => pending.has(seq))) break;
    }
  }));
  return pending;
}

/** Those of `jobs` that stand in `due`. */
async function dueAmong({ reads, keys }: Context, jobs: readonly Job[]): Promise<Set<string>> {
  const entries = await getAll(reads, jobs.map(({ scheduledAt, seq }) => keys.due(scheduledAt, seq)));
  return new Set(jobs.flatMap(({ seq }, i) => entries[i]?.versionstamp ? [seq] : []));
}
