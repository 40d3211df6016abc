import type { Clock } from "./clock.ts";
import { ClosedError } from "./errors.ts";
import { condensed, type JobChange } from "./job-change.ts";
import type { LiveHost } from "./live-host.ts";
import { type News, NewsDesk } from "./live-news.ts";
import { logOf } from "./log.ts";
import { Loop } from "./loop.ts";
import type { FeedPage, Store } from "./store.ts";

/** What happened, told to all followers at once. */
export interface LiveBatch {
  changes: readonly JobChange[];
  news: readonly News[];
  /** Behind `changes`. */
  cursor: string;
  /** Changes of jobs before this are lost: followers read anew what they know of jobs. */
  reset: boolean;
}

/** Who wants to know. */
export interface Follower {
  receive(batch: LiveBatch): void;
  /** Resolves once it can take more. It is told nothing before, and nor are the others: it must not be long. */
  ready(): Promise<void>;
  /** The queue has stopped: nothing more comes. */
  closed(): void;
}

/** Milliseconds between two looks at the least, however much happens: ten times a second. */
const INTERVAL = 100;
/** Looks are so many times as far apart as they take, until all is told: jobs come first. Not further than this. */
const SHARE = 8;
const LONGEST_INTERVAL = 500;
/** Milliseconds between two looks at the most, should no wake-up come. */
const POLL_INTERVAL = 1_000;
/** Milliseconds within which more is read. */
const LONGEST_READ = 15;
/** Changes told at once, more or less: a client must not have to take a megabyte. */
const MOST_CHANGES = 1_000;
/** Milliseconds after which the subscription is renewed. */
const RENEW_INTERVAL = 60_000;

/** Reads the feed once for all who follow it in this process, and nothing while nobody does. */
export class LiveFeed {
  readonly #host: LiveHost;
  #session: Promise<LiveSession> | null = null;
  #users = 0;
  #isClosed = false;

  constructor(host: LiveHost) {
    this.#host = host;
    host.onStopped(() => void this.#close());
  }

  /**
   * Begins to read the feed, if nobody has; every call is to be followed by one of `leave`.
   *
   * @throws {StoreUnavailableError | ClosedError} It cannot be read; there is nothing to leave then.
   */
  async enter(): Promise<LiveSession> {
    if (this.#isClosed) throw new ClosedError("queue");
    this.#users++;
    try {
      return await (this.#session ??= LiveSession.begin(this.#host));
    } catch (error) {
      this.#users--;
      this.#session = null;
      throw error;
    }
  }

  /** The last one out ends the reading; the subscription lapses by itself, so that who comes back can resume. */
  leave(): void {
    if (--this.#users > 0) return;
    const session = this.#session;
    this.#session = null;
    void session?.then((begun) => begun.end());
  }

  async #close(): Promise<void> {
    this.#isClosed = true;
    (await this.#session?.catch(() => null))?.close();
  }
}

/** The reading of a feed, from the first follower to the last. */
export class LiveSession {
  readonly #host: LiveHost;
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #followers = new Set<Follower>();
  readonly #stopped = new AbortController();
  readonly #desk: NewsDesk;
  readonly #loop: Loop;
  readonly #unwatch: (() => void)[];
  #cursor: string;
  #interval = INTERVAL;
  #lookedAt: number; // monotonic, as the next
  #renewedAt: number;

  private constructor(host: LiveHost, store: Store, { desk, cursor }: { desk: NewsDesk; cursor: string }) {
    const { clock } = host;
    this.#host = host;
    this.#store = store;
    this.#clock = clock;
    this.#cursor = cursor;
    this.#lookedAt = this.#renewedAt = clock.monotonic();
    this.#desk = desk;
    this.#loop = new Loop(clock, () => this.#loopOnce());
    this.#unwatch = [
      store.watch(({ kind }) => {
        if (kind === "feed" || kind === "jobs" || kind === "work") this.#loop.wake();
      }),
      host.on("schedule", (event) => {
        this.#desk.schedule(event);
        this.#loop.wake();
      }),
    ];
  }

  /** Begins at the present end. Once it resolves, nothing happens without the followers being told. */
  static async begin(host: LiveHost): Promise<LiveSession> {
    const store = await host.store();
    const now = host.clock.now();
    await store.subscribe(now);
    const { cursor } = await store.changesSince(null, { now });
    const desk = await NewsDesk.open(store, host.clock);
    const session = new LiveSession(host, store, { desk, cursor });
    session.#loop.start();
    return session;
  }

  /** Up to where all followers have been told. */
  get cursor(): string {
    return this.#cursor;
  }

  /** The last counts. */
  get stats(): News | null {
    return this.#desk.lastStats;
  }

  /** Tells `follower` of everything behind `cursor`, as that is now. @returns Stops it. */
  follow(follower: Follower): () => void {
    this.#followers.add(follower);
    if (this.#stopped.signal.aborted) queueMicrotask(() => follower.closed()); // it stopped while somebody came
    return () => {
      this.#followers.delete(follower);
    };
  }

  /** What happened behind `cursor`, no further than `upTo`. */
  async changesSince(cursor: string, upTo: string): Promise<FeedPage> {
    const page = await this.#store.changesSince(cursor, { now: this.#clock.now(), upTo });
    return { ...page, changes: condensed(page.changes) };
  }

  /** Looks once, and tells what is new. @returns The milliseconds to sleep until the next look. */
  async runOnce(): Promise<number> {
    const { signal } = this.#stopped;
    const early = this.#lookedAt + this.#interval - this.#clock.monotonic();
    if (early > 0) await this.#clock.sleep(early, signal);
    if (signal.aborted) return 0;
    this.#lookedAt = this.#clock.monotonic();
    if (this.#lookedAt - this.#renewedAt >= RENEW_INTERVAL) {
      await this.#store.subscribe(this.#clock.now());
      this.#renewedAt = this.#lookedAt;
    }
    const { changes, cursor, more, reset } = await this.#read();
    const news = await this.#desk.look();
    // From here on in one turn: who joins at a cursor has been told all before it, and is told all behind it.
    this.#cursor = cursor;
    if (changes.length > 0 || news.length > 0 || reset) {
      this.#tell({ changes: condensed(changes), news, cursor, reset });
    }
    await Promise.all([...this.#followers].map((follower) => follower.ready()));
    const took = this.#clock.monotonic() - this.#lookedAt;
    this.#interval = Math.min(Math.max(INTERVAL, SHARE * took), LONGEST_INTERVAL);
    return more ? 0 : POLL_INTERVAL;
  }

  /** Reads on for as long as it takes little time: while jobs keep the process busy, that is a page. */
  async #read(): Promise<FeedPage> {
    const changes: JobChange[] = [];
    let cursor = this.#cursor;
    for (;;) {
      const page = await this.#store.changesSince(cursor, { now: this.#clock.now() });
      changes.push(...page.changes);
      const isLate = this.#clock.monotonic() - this.#lookedAt >= LONGEST_READ;
      if (!page.more || page.reset || isLate || changes.length >= MOST_CHANGES) return { ...page, changes };
      ({ cursor } = page);
    }
  }

  /** Reads no more. */
  end(): void {
    this.#stopped.abort();
    this.#loop.close();
    for (const stop of this.#unwatch.splice(0)) stop();
  }

  /** The queue has stopped. */
  close(): void {
    this.end();
    for (const follower of [...this.#followers]) follower.closed();
  }

  #tell(batch: LiveBatch): void {
    for (const follower of [...this.#followers]) follower.receive(batch);
  }

  async #loopOnce(): Promise<number> {
    try {
      return await this.runOnce();
    } catch (error) {
      // The store is away: the cursor stays, so nothing is lost.
      const log = this.#host.log ?? logOf("http");
      if (!this.#stopped.signal.aborted) log.debug("Cannot read the feed of changes: {error}", { error });
      return POLL_INTERVAL;
    }
  }
}
