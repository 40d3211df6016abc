import { typeMatches } from "../../lib/filter.ts";
import { addPoint, countEnded, emptyPoint, type HistoryPoint, minuteOf } from "../../lib/history.ts";
import { type Job, JOB_STATUSES, type JobStatus } from "../../lib/job.ts";
import { noCounts } from "../../lib/status-counts.ts";
import type { StatusCounts } from "../../lib/store.ts";
import { decode, encode } from "./codec.ts";
import type { Entry } from "./entries.ts";
import type { Keys } from "./keys.ts";

/** Net counts of one queue and type: moves in less moves out, so one process's may be below zero. */
interface Total {
  queue: string;
  type: string;
  counts: StatusCounts;
}

/** The moves of one commit within one queue and type. */
interface Delta extends Total {
  /** Jobs that came into being. */
  added: number;
}

function totalName({ queue, type }: { queue: string; type: string }): string {
  return `${queue}\n${type}`; // neither can contain a control character
}

/** The moves of one commit, not yet on disk. */
export class Moves {
  readonly #totals = new Map<string, Delta>();
  /** Mostly the next one too. */
  #last: Delta | null = null;
  readonly #ended: { before: Job; after: Job }[] = [];

  /** @param onTotal Told of each total that the commit has to write. */
  constructor(readonly onTotal: (of: { queue: string; type: string }) => void) {}

  /** A job came into being. */
  add(job: Job): void {
    const total = this.#of(job);
    total.counts[job.status]++;
    total.added++;
  }

  /** A job moved. null: there is none of this queue and type any more, or there was none. */
  move(job: { queue: string; type: string }, from: JobStatus | null, to: JobStatus | null): void {
    const { counts } = this.#of(job);
    if (from !== null) counts[from]--;
    if (to !== null) counts[to]++;
  }

  #of(job: { queue: string; type: string }): Delta {
    if (this.#last?.type === job.type && this.#last.queue === job.queue) return this.#last;
    const name = totalName(job);
    let total = this.#totals.get(name);
    if (total === undefined) {
      total = { queue: job.queue, type: job.type, counts: noCounts(), added: 0 };
      this.#totals.set(name, total);
      this.onTotal(job);
    }
    return this.#last = total;
  }

  /** An attempt ended, or a waiting job was cancelled. */
  ended(before: Job, after: Job): void {
    this.#ended.push({ before, after });
  }

  /** Everything that moved. */
  entries(): Iterable<[string, Delta]> {
    return this.#totals.entries();
  }

  /** What ended. */
  get attempts(): readonly { before: Job; after: Job }[] {
    return this.#ended;
  }
}

/**
 * What this process counts: totals, written in the same commit as the moves they count, hence exact; and
 * history by minute, written about once a second. Plain values of one process each: KV's own `sum` cannot be
 * checked, and one decrement too many would read as 2^64 − 1.
 */
export class Tallies {
  readonly #totals = new Map<string, Total>();
  readonly #points = new Map<string, HistoryPoint>();
  /** Points changed since they were last written. */
  readonly #changed = new Set<string>();
  /** Points that hold what was stored before under their key: by a former process, or before the clock stepped back. */
  readonly #complete = new Set<string>();
  #completing: Promise<void> = Promise.resolve();

  constructor(readonly keys: Keys, readonly procId: string) {}

  /** The key of a total of this process. */
  readonly totalKey = ({ queue, type }: { queue: string; type: string }): Deno.KvKey =>
    this.keys.total(this.procId, queue, type);

  /** Reads the totals of a former process under the same id, so that they go on. */
  async load(kv: Deno.Kv): Promise<void> {
    for await (const entry of kv.list<Uint8Array>({ prefix: this.keys.totalsOf(this.procId) })) {
      const [queue, type] = entry.key.slice(-2).map(String);
      if (queue === undefined || type === undefined) continue;
      const counts = { ...noCounts(), ...decode(entry.value) as Partial<StatusCounts> };
      this.#totals.set(totalName({ queue, type }), { queue, type, counts });
    }
  }

  /** The key and value to write for each total that `moves` changes. */
  *writes(moves: Moves): Iterable<[Deno.KvKey, Uint8Array]> {
    for (const [name, delta] of moves.entries()) {
      const counts = sum(this.#totals.get(name)?.counts ?? noCounts(), delta.counts);
      yield [this.keys.total(this.procId, delta.queue, delta.type), encode(counts)];
    }
  }

  /** `moves` are on disk. */
  committed(moves: Moves, now: number): void {
    for (const [name, delta] of moves.entries()) {
      const counts = sum(this.#totals.get(name)?.counts ?? noCounts(), delta.counts);
      this.#totals.set(name, { queue: delta.queue, type: delta.type, counts });
      if (delta.added > 0) this.#point(delta.type, now).added += delta.added;
    }
    for (const { before, after } of moves.attempts) {
      countEnded(this.#point(after.type, now), before, after, now);
    }
  }

  #point(type: string, now: number): HistoryPoint {
    const at = minuteOf(now);
    const name = `${at} ${type}`;
    let point = this.#points.get(name);
    if (point === undefined) {
      point = emptyPoint(at, type);
      this.#points.set(name, point);
    }
    this.#changed.add(name);
    return point;
  }

  /** Adds to new points what is stored of their minutes. Only then may they be written. */
  complete(kv: Deno.Kv): Promise<void> {
    const done = this.#completing.then(() => this.#completeAll(kv));
    this.#completing = done.catch(() => {}); // the next call tries again
    return done;
  }

  async #completeAll(kv: Deno.Kv): Promise<void> {
    for (const name of [...this.#changed].filter((changed) => !this.#complete.has(changed))) {
      const point = this.#points.get(name);
      if (point === undefined) continue;
      const { at, type } = point;
      const { value } = await kv.get<Uint8Array>(this.keys.minute(at, this.procId, type));
      if (value !== null) {
        addPoint(point, { ...emptyPoint(at, type), ...decode(value) as Partial<HistoryPoint> });
      }
      this.#complete.add(name);
    }
  }

  /** The points that changed since the last call, as they are to be written; forgets minutes that have passed. */
  takeHistory(now: number): HistoryWrite[] {
    for (const [name, { at }] of this.#points) {
      if (at >= minuteOf(now) || this.#changed.has(name)) continue;
      this.#points.delete(name);
      this.#complete.delete(name);
    }
    const writes: HistoryWrite[] = [];
    for (const name of this.#changed) {
      const point = this.#points.get(name);
      if (point === undefined || !this.#complete.has(name)) continue;
      this.#changed.delete(name);
      const { at, type, ...value } = point;
      const failed = () => void this.#changed.add(name);
      writes.push({ entry: [this.keys.minute(at, this.procId, type), encode(value)], failed });
    }
    return writes;
  }
}

/** A point to be written. */
export interface HistoryWrite {
  entry: Entry;
  /** It was not written: the next call gives it again. */
  failed(): void;
}

function sum(a: StatusCounts, b: StatusCounts): StatusCounts {
  const counts = noCounts();
  for (const status of JOB_STATUSES) counts[status] = a[status] + b[status];
  return counts;
}

/** One total as stored: queue, type, counts. Over all processes they add up to what there is. */
export async function readTotals(kv: Deno.Kv, keys: Keys): Promise<Total[]> {
  const totals = new Map<string, Total>();
  for await (const entry of kv.list<Uint8Array>({ prefix: keys.totals() })) {
    const [queue, type] = entry.key.slice(-2).map(String);
    if (queue === undefined || type === undefined) continue;
    const counts = { ...noCounts(), ...decode(entry.value) as Partial<StatusCounts> };
    const name = totalName({ queue, type });
    totals.set(name, { queue, type, counts: sum(totals.get(name)?.counts ?? noCounts(), counts) });
  }
  return [...totals.values()];
}

/** The history of all processes within `range`, added up per minute and type, oldest first. */
export async function readHistory(
  kv: Deno.Kv,
  keys: Keys,
  range: { from: number; to: number; type?: string },
): Promise<HistoryPoint[]> {
  const points = new Map<string, HistoryPoint>();
  const start = [...keys.minutes(), minuteOf(range.from + 59_999)];
  const end = [...keys.minutes(), range.to];
  for await (const entry of kv.list<Uint8Array>({ start, end })) {
    const at = Number(entry.key.at(-3));
    const type = String(entry.key.at(-1));
    if (range.type !== undefined && !typeMatches(type, range.type)) continue;
    const name = `${at} ${type}`;
    const point = points.get(name) ?? emptyPoint(at, type);
    addPoint(point, { ...emptyPoint(at, type), ...decode(entry.value) as Partial<HistoryPoint>, at, type });
    points.set(name, point);
  }
  return [...points.values()].sort((a, b) => a.at - b.at || (a.type < b.type ? -1 : 1));
}
