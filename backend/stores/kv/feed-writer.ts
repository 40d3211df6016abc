import { systemClock } from "../../lib/clock.ts";
import type { Job } from "../../lib/job.ts";
import { toBytes } from "./codec.ts";
import type { Entry } from "./entries.ts";
import { bytesOf, encodeChange, type Telling } from "./feed-codec.ts";
import type { Subscription } from "./feed-subscription.ts";
import type { Keys } from "./keys.ts";
import type { Process } from "./process.ts";

/** Bytes of changes in one value; a KV value ends at 65,536. */
const CHUNK = 60_000;
/** Starts wait this long for a commit that takes them along, in milliseconds; then they get one of their own. */
const LINGER_MS = 50;
/**
 * Bytes of starts that wait at the most, about a hundred: they all go into one atomic, and who starts more within one
 * ends them as soon. What is more is not told.
 */
const MOST_STARTS = 20_000;

/** A change as JSON, and its bytes. */
export interface Text {
  json: string;
  bytes: number;
}

/** What one atomic tells the feed: one value, or several if it tells of hundreds of jobs. */
export class FeedBatch {
  readonly #chunks: { json: string[]; bytes: number }[] = [];

  /**
   * @param n The number of its first value.
   * @param now Epoch milliseconds, when its changes happened.
   * @param starts The starts that it takes along.
   */
  constructor(readonly n: number, readonly now: number, readonly starts: readonly Text[]) {
    for (const start of starts) this.put(start);
  }

  /** `telling` as it will be stored. */
  encode(telling: Telling): Text {
    const json = encodeChange(telling, this.now);
    return { json, bytes: bytesOf(json) + 1 };
  }

  put({ json, bytes }: Text): void {
    let chunk = this.#chunks.at(-1);
    if (chunk === undefined || chunk.bytes + bytes > CHUNK) this.#chunks.push(chunk = { json: [], bytes: 2 });
    chunk.json.push(json);
    chunk.bytes += bytes;
  }

  /** How many values it takes. */
  get size(): number {
    return this.#chunks.length;
  }

  /** Bytes of the starts it takes along. */
  get bytes(): number {
    return this.#chunks.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  values(): Uint8Array[] {
    return this.#chunks.map(({ json }) => toBytes(`[${json.join(",")}]`));
  }
}

/** What a `FeedWriter` needs. */
export interface FeedWriterOptions {
  keys: Keys;
  /** Its part of the keys: no two writers share one. */
  name: string;
  /** Whose epoch its keys name. */
  process: Process;
  subscription: Subscription;
  /** Changes are on disk. */
  onStored(): void;
  /** Starts have waited long enough: asks for a commit. */
  onWaiting(): void;
}

/**
 * Writes what a committer's atomics do to jobs, each with the atomic that does it, while somebody is subscribed.
 *
 * The number of a value is the microsecond it was made in, or one more than the number before: it counts upwards
 * within an epoch however the clock goes, and old values are found without being read.
 */
export class FeedWriter {
  readonly #options: FeedWriterOptions;
  readonly #starts: Text[] = [];
  #startBytes = 0;
  readonly #stopped = new AbortController();
  #last = 0;
  #waits = false;

  constructor(options: FeedWriterOptions) {
    this.#options = options;
  }

  /** What the next atomic tells; null while nobody wants to know. */
  begin(now: number): FeedBatch | null {
    if (!this.#options.subscription.isOpen) {
      this.#starts.length = this.#startBytes = 0;
      return null;
    }
    return new FeedBatch(Math.max(this.#last + 1, now * 1000), now, [...this.#starts]);
  }

  /** The keys and values that `batch` writes. */
  entries(batch: FeedBatch): Entry[] {
    const { keys, name, process } = this.#options;
    return batch.values().map((value, i) => [keys.feed(name, process.epoch, batch.n + i), value]);
  }

  /** `batch` is on disk. */
  committed(batch: FeedBatch): void {
    if (batch.size === 0) return;
    this.#last = batch.n + batch.size - 1;
    for (const { bytes } of this.#starts.splice(0, batch.starts.length)) this.#startBytes -= bytes;
    this.#options.onStored();
  }

  /** The handler of `job` is about to run. Told with the next commit: none waits for it. */
  started(job: Job, now: number): void {
    if (!this.#options.subscription.isOpen || this.#startBytes >= MOST_STARTS) return;
    const json = encodeChange(["started", job], now);
    const bytes = bytesOf(json) + 1;
    this.#starts.push({ json, bytes });
    this.#startBytes += bytes;
    if (this.#waits) return;
    this.#waits = true;
    void systemClock.sleep(LINGER_MS, this.#stopped.signal).then(() => {
      this.#waits = false;
      if (this.#starts.length > 0 && !this.#stopped.signal.aborted) this.#options.onWaiting();
    });
  }

  /** Asks for no more commits. */
  stop(): void {
    this.#stopped.abort();
  }
}
