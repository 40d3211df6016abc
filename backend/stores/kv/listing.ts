import { decodeCursor, encodeCursor, matches, SCAN_LIMIT, typeMatches } from "../../lib/filter.ts";
import { isFinal, type Job, JOB_STATUSES, type JobStatus } from "../../lib/job.ts";
import type { JobFilter, JobPage } from "../../lib/store.ts";
import { type PartRefs, unreadableJob } from "./codec.ts";
import type { Context } from "./context.ts";
import { find, listRunning, readRecord } from "./find.ts";
import { getAll } from "./get-all.ts";
import { decodePage, earliestPage, seqAt, walkPages } from "./pages.ts";
import { hasParts } from "./parts.ts";
import { readTotals } from "./tallies.ts";

/** Where a walk stands: the last parts of a key, which are what its entries are ordered by. */
type Position = (number | string)[];

/** An index entry: a job, or the way to it. */
interface Hit {
  position: Position;
  seq: string;
  /** What the index says it is; undefined: the record says. */
  status?: JobStatus;
  /** Its record, if the index holds it. */
  record?: Uint8Array | string;
}

/** Entries of one index in the list's order, beginning behind a position. */
type Walk = (after: Position | null) => AsyncIterable<Hit>;

/** A walk, and the status of the jobs it is for if its index holds others too. */
interface Step {
  walk: Walk;
  status?: JobStatus;
}

/** Where a list stands: which of its walks, and where in that. */
type Cursor = [walk: number, after: Position | null];

/** Jobs loaded side by side. */
const AT_ONCE = 50;
/** Pages of one place that are looked at to tell which jobs are pending. */
const FEW_PAGES = 8;

/** One page. Walks the narrowest indexes that give the order, and reads at most `SCAN_LIMIT` entries. */
export async function list(
  context: Context,
  filter: JobFilter,
  page: { cursor?: string; limit: number },
): Promise<JobPage> {
  let [walk, after]: Cursor = page.cursor === undefined
    ? [0, null]
    : decodeCursor(filter, page.cursor) as Cursor;
  const steps = await plan(context, filter);
  const jobs: Job[] = [];
  const partial: string[] = [];
  const end = (nextCursor: string | null, scanned: number): JobPage => {
    return { jobs, scanned, nextCursor, ...(partial.length > 0 ? { partial } : {}) };
  };
  let scanned = 0;
  for (; walk < steps.length; walk++, after = null) {
    const step = steps[walk];
    const wanted = step?.status === undefined ? filter : { ...filter, status: [step.status] };
    for await (const hits of chunks(step?.walk(after) ?? [])) {
      const loaded = await load(context, hits);
      for (const [i, hit] of hits.entries()) {
        const { job, parts } = loaded[i] ?? NOTHING;
        scanned++;
        if (job !== null && matches(job, wanted)) {
          jobs.push(job);
          if (hasParts(parts)) partial.push(job.seq);
        }
        if (jobs.length < page.limit && scanned < SCAN_LIMIT) continue;
        return end(encodeCursor(filter, [walk, hit.position] satisfies Cursor), scanned);
      }
    }
  }
  return end(null, scanned);
}

async function* chunks(hits: AsyncIterable<Hit> | Hit[]): AsyncIterable<Hit[]> {
  let chunk: Hit[] = [];
  for await (const hit of hits) {
    chunk.push(hit);
    if (chunk.length < AT_ONCE) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}

/** The walks that give the list of `filter` in its order. */
async function plan(context: Context, filter: JobFilter): Promise<Step[]> {
  const { status, type, tag } = filter;
  if (status === undefined && tag !== undefined) return [{ walk: tagged(context, tag) }];
  if (status === undefined && type === undefined) return [{ walk: all(context, filter) }];
  const totals = await readTotals(context.reads, context.keys);
  const types = new Set<string>();
  for (const total of totals) if (type === undefined || typeMatches(total.type, type)) types.add(total.type);
  const lanes = totals.filter((total) =>
    types.has(total.type) && (filter.queue === undefined || total.queue === filter.queue)
  );
  const one = (wanted: JobStatus): Walk => {
    if (wanted === "running") return running(context);
    if (wanted === "scheduled" || wanted === "retrying") return due(context);
    if (wanted === "pending") return tag === undefined ? pending(context, lanes) : tagged(context, tag, 0);
    return tag === undefined ? done(context, [...types], [wanted], filter) : tagged(context, tag, 1);
  };
  if (status !== undefined) {
    return JOB_STATUSES.filter((each) => status.includes(each)).map((each) => ({
      walk: one(each),
      status: each,
    }));
  }
  const finals = done(context, [...types], ["completed", "failed", "cancelled"], filter);
  return [running(context), pending(context, lanes), due(context), finals].map((walk) => ({ walk }));
}

/** All jobs, newest first. A range of creation is a range of keys, since a seq begins with its time. */
function all({ reads, keys }: Context, filter: JobFilter): Walk {
  return async function* (after) {
    const prefix = keys.jobs();
    const start = [...prefix, seqAt(filter.createdAfter ?? 0)];
    // A clock that stepped back gives later seqs to earlier times: look a little further.
    const last = filter.createdBefore === undefined ? "~" : seqAt(filter.createdBefore + 3_600_000);
    const end = [...prefix, after === null ? last : String(after[0])];
    if (end[prefix.length] as string <= (start[prefix.length] as string)) return;
    for await (const entry of reads.list<Uint8Array>({ start, end }, { reverse: true, batchSize: AT_ONCE })) {
      const seq = String(entry.key.at(-1));
      yield { position: [seq], seq, record: entry.value };
    }
  };
}

/** Jobs with a tag. `part` 0: the unfinished ones; 1: the finished ones. */
function tagged({ reads, keys }: Context, tag: string, part?: number): Walk {
  return async function* (after) {
    const prefix = part === undefined ? keys.tagged(tag) : [...keys.tagged(tag), part];
    const selector = after === null ? { prefix } : { prefix, start: [...keys.tagged(tag), ...after, 0] };
    for await (const entry of reads.list(selector, { batchSize: AT_ONCE })) {
      const position = entry.key.slice(-4) as Position;
      yield { position, seq: String(position[3]) };
    }
  };
}

/** Pending jobs as they will be claimed, over all their lanes. */
function pending({ reads, keys }: Context, lanes: readonly { queue: string; type: string }[]): Walk {
  return (after) =>
    merge(
      lanes.map(async function* ({ queue, type }) {
        const prefix = keys.lane(queue, type);
        const [negated = 0, dueAt = 0, last = ""] = after ?? [];
        const start = [...prefix, negated, dueAt, earliestPage(String(last))];
        const walk = walkPages(reads, after === null ? { prefix } : { prefix, start });
        for await (const { place, seq, text } of walk) {
          const position = [...place.slice(-2), seq] as Position;
          if (after !== null && compare(position, after) <= 0) continue;
          const record = text === "" ? {} : { record: text };
          yield { position, seq, status: "pending" as const, ...record };
        }
      }),
      1,
    );
}

/** Scheduled and retrying jobs by due time. */
function due({ reads, keys }: Context): Walk {
  return async function* (after) {
    const prefix = keys.dues();
    const selector = after === null ? { prefix } : { prefix, start: [...prefix, ...after, 0] };
    for await (const { key, value } of reads.list<Uint8Array>(selector, { batchSize: AT_ONCE })) {
      const position = key.slice(-2) as Position;
      const record = value.length > 0 ? { record: value } : {};
      yield { position, seq: String(position[1]), ...record };
    }
  };
}

/** Running jobs, those that run longest first. */
function running(context: Context): Walk {
  return async function* (after) {
    const now = [...await listRunning(context, context.reads)]
      .map(([seq, { at }]): Hit => ({ position: [at, seq], seq, status: "running" }))
      .sort((a, b) => compare(a.position, b.position));
    for (const hit of now) if (after === null || compare(hit.position, after) > 0) yield hit;
  };
}

/** Finished jobs of some types and statuses, newest first. */
function done(
  { reads, keys }: Context,
  types: readonly string[],
  statuses: readonly ("completed" | "failed" | "cancelled")[],
  filter: JobFilter,
): Walk {
  return (after) =>
    merge(
      types.flatMap((type) =>
        statuses.map(async function* (status) {
          const prefix = keys.doneOf(type, status);
          const start = [...prefix, filter.finishedAfter ?? -Infinity];
          // Behind all pages of the time at which the list stands.
          const end = [
            ...prefix,
            ...(after === null ? [filter.finishedBefore ?? Infinity] : [after[0] ?? 0, 0]),
          ];
          for await (const { place, seq } of walkPages(reads, { start, end }, { reverse: true })) {
            const position = [place.at(-1), seq] as Position;
            if (after === null || compare(position, after) < 0) yield { position, seq };
          }
        })
      ),
      -1,
    );
}

/** Merges sorted walks into one. `direction` −1: they run backwards. */
async function* merge(walks: AsyncGenerator<Hit>[], direction: 1 | -1): AsyncIterable<Hit> {
  const heads = await Promise.all(walks.map((walk) => walk.next()));
  for (;;) {
    let best = -1;
    for (const [i, head] of heads.entries()) {
      if (head.done) continue;
      const leader = heads[best];
      if (leader === undefined || leader.done) best = i;
      else if (compare(head.value.position, leader.value.position) * direction < 0) best = i;
    }
    const head = heads[best];
    const walk = walks[best];
    if (head === undefined || head.done || walk === undefined) return;
    yield head.value;
    heads[best] = await walk.next();
  }
}

function compare(a: Position, b: Position): number {
  for (const [i, part] of a.entries()) {
    const other = b[i];
    if (other === undefined || part === other) continue;
    return part < other ? -1 : 1;
  }
  return 0;
}

/** What an entry leads to: null where the job is gone. */
interface Loaded {
  job: Job | null;
  /** The values that lie in pieces: they are left out. */
  parts: PartRefs;
}

const NOTHING: Loaded = { job: null, parts: {} };

/** The jobs of entries as they are now. */
async function load(context: Context, hits: readonly Hit[]): Promise<Loaded[]> {
  const { reads, keys } = context;
  const without = hits.filter(({ record }) => record === undefined);
  const read = await getAll<Uint8Array>(reads, without.map(({ seq }) => keys.job(seq)));
  const records = new Map(without.map(({ seq }, i) => [seq, read[i]?.value ?? null]));
  const recorded = hits.map(({ seq, record }) => {
    const stored = record ?? records.get(seq) ?? null;
    return stored === null ? NOTHING : readRecord(seq, stored);
  });
  const unknown = recorded.map(({ job }) => job)
    .filter((job, i) => job !== null && !isFinal(job.status) && !hits[i]?.status);
  const pending = await pendingAmong(context, unknown);
  return await Promise.all(hits.map(async ({ seq, record, status }, i): Promise<Loaded> => {
    const { job, parts } = recorded[i] ?? NOTHING;
    if (job === null || isFinal(job.status)) return { job, parts };
    // What stands in a page of pending jobs is pending.
    if (pending.has(seq) || (status === "pending" && record !== undefined)) {
      return { job: { ...job, status: "pending" }, parts };
    }
    try {
      return await find(context, seq, reads) ?? NOTHING;
    } catch {
      return { job: unreadableJob(seq, {}), parts: {} };
    }
  }));
}

/** Those of `jobs` that stand in `ready`, as far as a look at a few pages tells: neighbours mostly share them. */
async function pendingAmong({ reads, keys }: Context, jobs: readonly (Job | null)[]): Promise<Set<string>> {
  const ranges = new Map<string, { place: Deno.KvKey; first: string; last: string }>();
  for (const job of jobs) {
    if (job === null) continue;
    const place = keys.ready(job);
    const name = place.join("\n");
    const range = ranges.get(name);
    if (range === undefined) ranges.set(name, { place, first: job.seq, last: job.seq });
    else if (job.seq < range.first) range.first = job.seq;
    else if (job.seq > range.last) range.last = job.seq;
  }
  const pending = new Set<string>();
  await Promise.all([...ranges.values()].map(async ({ place, first, last }) => {
    const range = { start: [...place, earliestPage(first)], end: [...place, last, 0] };
    for await (const { key, value } of reads.list<Uint8Array>(range, { limit: FEW_PAGES })) {
      for (const { seq } of decodePage(key, value)) pending.add(seq);
    }
  }));
  return pending;
}
