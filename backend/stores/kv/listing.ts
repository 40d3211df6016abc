import { decodeCursor, encodeCursor, SCAN_LIMIT, typeMatches } from "../../lib/filter.ts";
import { type Job, JOB_STATUSES, type JobStatus } from "../../lib/job.ts";
import type { JobFilter, JobPage } from "../../lib/store.ts";
import type { Context } from "./context.ts";
import { listRunning } from "./find.ts";
import { grown, listGrowing } from "./list-growing.ts";
import { createLoader, type Hit } from "./load.ts";
import { earliestPage, seqAt, walkPages } from "./pages.ts";
import { hasParts } from "./parts.ts";
import { readTotals } from "./tallies.ts";
import { LAST, walkJobs } from "./walk-jobs.ts";

/** Where a walk stands: the last parts of a key, which are what its entries are ordered by. */
type Position = (number | string)[];

/** An entry of a walk. */
interface Step extends Hit {
  position: Position;
}

/** Entries of one index in the list's order, beginning behind a position: `first` at once, then more each time. */
type Walk = (after: Position | null, first: number) => AsyncIterable<Step[]>;

/** A walk, and the status of the jobs it is for if its index holds others too. */
interface Part {
  walk: Walk;
  status?: JobStatus;
}

/** Where a list stands: which of its walks, and where in that. */
type Cursor = [walk: number, after: Position | null];

/** What a record costs that does not lie in the index, in entries: a search among such ends a page earlier. */
const APART = 8;

/** One page. Walks the narrowest indexes that give the order, and reads at most `SCAN_LIMIT` entries. */
export async function list(
  context: Context,
  filter: JobFilter,
  page: { cursor?: string; limit: number },
): Promise<JobPage> {
  let [walk, after]: Cursor = page.cursor === undefined
    ? [0, null]
    : decodeCursor(filter, page.cursor) as Cursor;
  const parts = await plan(context, filter);
  const load = createLoader(context, filter);
  const jobs: Job[] = [];
  const partial: string[] = [];
  const end = (nextCursor: string | null, scanned: number): JobPage => {
    return { jobs, scanned, nextCursor, ...(partial.length > 0 ? { partial } : {}) };
  };
  let scanned = 0;
  let cost = 0;
  for (; walk < parts.length; walk++, after = null) {
    const part = parts[walk];
    const statuses = part?.status === undefined ? filter.status : [part.status];
    for await (const hits of part?.walk(after, page.limit) ?? []) {
      const loaded = await load(hits, statuses);
      for (const [i, hit] of hits.entries()) {
        const found = loaded[i] ?? null;
        scanned++;
        cost += hit.record === undefined ? APART : 1;
        if (found !== null) {
          jobs.push(found.job);
          if (hasParts(found.parts)) partial.push(hit.seq);
        }
        if (jobs.length < page.limit && cost < SCAN_LIMIT) continue;
        return end(encodeCursor(filter, [walk, hit.position] satisfies Cursor), scanned);
      }
    }
  }
  return end(null, scanned);
}

/** `hits` as they are loaded side by side. */
async function* chunks(hits: AsyncIterable<Step>, first: number): AsyncIterable<Step[]> {
  let chunk: Step[] = [];
  let size = first;
  for await (const hit of hits) {
    chunk.push(hit);
    if (chunk.length < size) continue;
    yield chunk;
    chunk = [];
    size = grown(size);
  }
  if (chunk.length > 0) yield chunk;
}

/** The walks that give the list of `filter` in its order. */
async function plan(context: Context, filter: JobFilter): Promise<Part[]> {
  const { status, type, tag } = filter;
  if (status === undefined && tag !== undefined) return [{ walk: tagged(context, tag) }];
  if (status === undefined && type === undefined) return [{ walk: all(context, filter) }];
  const totals = await readTotals(context.reads, context.keys);
  const types = new Set<string>();
  for (const total of totals) if (type === undefined || typeMatches(total.type, type)) types.add(total.type);
  const lanes = totals.filter((total) =>
    types.has(total.type) && (filter.queue === undefined || total.queue === filter.queue)
  );
  // That index is one for all of them: where none of those that are meant waits there, others need not be passed over.
  const delayed = (statuses: readonly JobStatus[]): Walk => {
    return lanes.some(({ counts }) => statuses.some((each) => counts[each] > 0)) ? due(context) : nothing;
  };
  const one = (wanted: JobStatus): Walk => {
    if (wanted === "running") return running(context);
    if (wanted === "scheduled" || wanted === "retrying") return delayed([wanted]);
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
  return [running(context), pending(context, lanes), delayed(["scheduled", "retrying"]), finals].map((
    walk,
  ) => ({ walk }));
}

/** No entries. */
async function* nothing(): AsyncIterable<Step[]> {}

/** All jobs, newest first. A range of creation is a range of keys, since a seq begins with its time. */
function all({ reads, keys }: Context, filter: JobFilter): Walk {
  return async function* (after, first) {
    const start = seqAt(filter.createdAfter ?? 0);
    // A clock that stepped back gives later seqs to earlier times: look a little further.
    const last = filter.createdBefore === undefined ? LAST : seqAt(filter.createdBefore + 3_600_000);
    const end = after === null ? last : String(after[0]);
    for await (const jobs of walkJobs(reads, keys, { start, end }, first)) {
      yield jobs.map((job) => ({ position: [job.seq], ...job }));
    }
  };
}

/** Jobs with a tag. `part` 0: the unfinished ones; 1: the finished ones. */
function tagged({ reads, keys }: Context, tag: string, part?: number): Walk {
  return async function* (after, first) {
    const prefix = part === undefined ? keys.tagged(tag) : [...keys.tagged(tag), part];
    const selector = after === null ? { prefix } : { prefix, start: [...keys.tagged(tag), ...after, 0] };
    for await (const entries of listGrowing(reads, selector, { first })) {
      yield entries.map(({ key }) => {
        const position = key.slice(-4) as Position;
        return { position, seq: String(position[3]) };
      });
    }
  };
}

/** Pending jobs as they will be claimed, over all their lanes. */
function pending({ reads, keys }: Context, lanes: readonly { queue: string; type: string }[]): Walk {
  return (after, first) => {
    const walks = lanes.map(async function* ({ queue, type }): AsyncGenerator<Step> {
      const prefix = keys.lane(queue, type);
      const [negated = 0, dueAt = 0, last = ""] = after ?? [];
      const start = [...prefix, negated, dueAt, earliestPage(String(last))];
      for await (
        const { place, seq, text } of walkPages(reads, after === null ? { prefix } : { prefix, start })
      ) {
        const position = [...place.slice(-2), seq] as Position;
        if (after !== null && compare(position, after) <= 0) continue;
        yield { position, seq, ...(text === "" ? {} : { record: text, place: "ready" as const }) };
      }
    });
    return chunks(merge(walks, 1), first);
  };
}

/** Scheduled and retrying jobs by due time. */
function due({ reads, keys }: Context): Walk {
  return async function* (after, first) {
    const prefix = keys.dues();
    const selector = after === null ? { prefix } : { prefix, start: [...prefix, ...after, 0] };
    for await (const entries of listGrowing(reads, selector, { first })) {
      yield entries.map(({ key, value }) => {
        const position = key.slice(-2) as Position;
        const inline = value.length > 0 ? { record: value, place: "due" as const } : {};
        return { position, seq: String(position[1]), ...inline };
      });
    }
  };
}

/** Running jobs, those that run longest first. */
function running(context: Context): Walk {
  return async function* (after) {
    const now = [...await listRunning(context, context.reads)]
      .map(([seq, { at }]): Step => ({ position: [at, seq], seq }))
      .sort((a, b) => compare(a.position, b.position));
    yield now.filter(({ position }) => after === null || compare(position, after) > 0);
  };
}

/** Finished jobs of some types and statuses, newest first. */
function done(
  { reads, keys }: Context,
  types: readonly string[],
  statuses: readonly ("completed" | "failed" | "cancelled")[],
  filter: JobFilter,
): Walk {
  return (after, first) => {
    // Behind all pages of the time at which the list stands.
    const behind = after === null ? [filter.finishedBefore ?? Infinity] : [after[0] ?? 0, 0];
    const walks = types.flatMap((type) =>
      statuses.map(async function* (status): AsyncGenerator<Step> {
        const prefix = keys.doneOf(type, status);
        const range = { start: [...prefix, filter.finishedAfter ?? -Infinity], end: [...prefix, ...behind] };
        for await (const { place, seq } of walkPages(reads, range, { reverse: true, first: few(first) })) {
          const position = [place.at(-1), seq] as Position;
          if (after === null || compare(position, after) < 0) yield { position, seq };
        }
      })
    );
    return chunks(merge(walks, -1), first);
  };
}

/** Pages that each of several walks reads first, to give `first` jobs together: a page mostly holds more than one. */
function few(first: number): number {
  return Math.ceil(first / 16);
}

/** Merges sorted walks into one. `direction` −1: they run backwards. */
async function* merge(walks: AsyncGenerator<Step>[], direction: 1 | -1): AsyncIterable<Step> {
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
