import type { Clock } from "../clock.ts";
import { isInputError, VersionConflictError } from "../errors.ts";
import type { Job } from "../job.ts";
import type { JobChange } from "../job-change.ts";
import { utf8Length } from "../json.ts";
import type { Log } from "../log.ts";
import type { Redactor } from "../redact.ts";
import type { QueueHost } from "../queue-host.ts";
import type { FeedPage } from "../store.ts";
import type { Endpoint } from "./endpoint.ts";
import { type EventBody, eventBody, eventId } from "./event.ts";
import { behind, type FeedState, type Told } from "./feed-state.ts";
import { type Message, messagesOf, requestOf } from "./message.ts";
import type { EndpointTable, StoredFeed } from "./table.ts";

/** What a `Dispatch` needs. */
export interface DispatchOptions {
  host: QueueHost;
  log: Log;
  redactor: Redactor;
}

/** What a pass came to. */
export interface Pass {
  /** Deliveries added. */
  added: number;
  /** `idle`: no endpoint is enabled. `done`: all is told. `beaten`: another process was faster. */
  end: "idle" | "done" | "beaten";
}

/** What is to be stored of the feed. */
type Next = Pick<FeedState, "cursor" | "told" | "gap">;

/** An event as every endpoint gets it, and where its trace goes on. */
interface Content {
  change: JobChange;
  body: EventBody;
  traceContext: string | null;
}

/** Milliseconds after which the subscription is renewed. */
const RENEW_INTERVAL = 60_000;
/** Milliseconds after which the place is stored though nobody had to be told of anything before it. */
const PLACE_INTERVAL = 2_000;
/** The same while nothing happens: often enough that the place does not grow too old. */
const IDLE_PLACE_INTERVAL = 60_000;
/** Deliveries in one commit, and their bytes but for a single larger one: stores take at least twice as much. */
const MOST_DELIVERIES = 40;
const MOST_BYTES = 200_000;
/** About so many bytes a delivery takes besides its data. */
const DELIVERY_BYTES = 1_500;

/**
 * Reads the feed, and adds a delivery for each event and endpoint that is to be told of it.
 *
 * The place in the feed moves on in the commit that adds the deliveries of what lies before it, and only from where it
 * was read: of several processes one adds them, and one that dies has added all of a commit or nothing.
 */
export class Dispatch {
  readonly #options: DispatchOptions;
  readonly #clock: Clock;
  #known: { revision: number; enabled: readonly Endpoint[] } | null = null;
  /** Where this process is ahead of the place that is stored as `version`. */
  #ahead: { version: string | null; cursor: string } | null = null;
  /** Where it was ahead of the place `from` when endpoints still were those by which nobody had to be told of that. */
  #passed: { from: string; cursor: string } | null = null;
  #renewedAt = -Infinity; // monotonic

  constructor(options: DispatchOptions) {
    this.#options = options;
    this.#clock = options.host.clock;
  }

  /** Tells of all there is. */
  async run(table: EndpointTable): Promise<Pass> {
    let added = 0;
    for (;;) {
      const step = await this.#step(table);
      added += step.added;
      if (step.end !== "more") return { added, end: step.end };
    }
  }

  async #step(table: EndpointTable): Promise<{ added: number; end: Pass["end"] | "more" }> {
    const feed = await table.feed();
    const { state } = feed;
    if (state.cursor === null) {
      this.#renewedAt = -Infinity;
      return { added: 0, end: "idle" };
    }
    const endpoints = await this.#enabled(table, state.revision);
    await this.#subscribe(table);
    const ahead = this.#ahead?.version === feed.version ? this.#ahead : null;
    if (ahead !== null) this.#passed = { from: state.cursor, cursor: ahead.cursor };
    // One that was made or enabled since is owed nothing from before that.
    const passed = this.#passed?.from === state.cursor ? this.#passed.cursor : null;
    const cursor = passed ?? state.cursor;
    const page = await this.#read(table, cursor);
    if (page.reset) return await this.#skip(table, feed, page.cursor);
    const told = passed === null ? state.told : null;
    const rest = told === null || !page.more ? null : behind(told, page.changes.length);
    if (rest !== null) return await this.#goPast(table, feed, page.cursor, rest);
    const messages = messagesOf(page.changes, endpoints, told);
    if (messages.length === 0) return await this.#moveOn(table, feed, page);
    const { added, isBeaten } = await this.#tell(table, feed, { cursor, page, messages });
    return { added, end: isBeaten ? "beaten" : page.more ? "more" : "done" };
  }

  async #enabled(table: EndpointTable, revision: number): Promise<readonly Endpoint[]> {
    if (this.#known?.revision !== revision) {
      // Should they have changed since the feed was read, nothing is stored that is made of them.
      this.#known = { revision, enabled: (await table.readAll()).filter(({ enabled }) => enabled) };
    }
    return this.#known.enabled;
  }

  async #subscribe({ store }: EndpointTable): Promise<void> {
    if (this.#clock.monotonic() - this.#renewedAt < RENEW_INTERVAL) return;
    await store.subscribe(this.#clock.now());
    this.#renewedAt = this.#clock.monotonic();
  }

  async #read({ store }: EndpointTable, cursor: string): Promise<FeedPage> {
    const now = this.#clock.now();
    try {
      return await store.changesSince(cursor, { now });
    } catch (error) {
      if (!isInputError(error)) throw error;
      return { ...await store.changesSince(null, { now }), reset: true }; // the cursor was damaged
    }
  }

  /** Goes on at the present end: what happened before it is not known any more. */
  async #skip(table: EndpointTable, feed: StoredFeed, cursor: string) {
    const gap = { from: feed.state.at, until: this.#clock.now() };
    const { next } = await this.#advance(table, feed, { cursor, told: null, gap }, []);
    if (next === null) return { added: 0, end: "beaten" } as const;
    this.#options.log.warn(
      "Webhooks may not have been told of all that happened from {from} to {until}: nobody read the feed in time",
      { from: new Date(gap.from).toISOString(), until: new Date(gap.until).toISOString() },
    );
    return { added: 0, end: "more" } as const;
  }

  /** Goes on behind a page all of which was told when it held more; `rest` of that is still to be passed. */
  async #goPast(table: EndpointTable, feed: StoredFeed, cursor: string, rest: Told) {
    const { next } = await this.#advance(table, feed, { cursor, told: rest, gap: feed.state.gap }, []);
    return { added: 0, end: next === null ? "beaten" : "more" } as const;
  }

  /** Goes on behind a page of which nobody has to be told. */
  async #moveOn(table: EndpointTable, feed: StoredFeed, { changes, cursor, more }: FeedPage) {
    const end = more ? "more" : "done";
    const age = Math.abs(this.#clock.now() - feed.state.at);
    if (age < (changes.length > 0 ? PLACE_INTERVAL : IDLE_PLACE_INTERVAL)) {
      this.#ahead = { version: feed.version, cursor };
      return { added: 0, end } as const;
    }
    const { next } = await this.#advance(table, feed, { cursor, told: null, gap: feed.state.gap }, []);
    return { added: 0, end: next === null ? "beaten" : end } as const;
  }

  /** Adds the deliveries of a page, as many in one commit as fit. */
  async #tell(
    table: EndpointTable,
    feed: StoredFeed,
    { cursor, page, messages }: { cursor: string; page: FeedPage; messages: readonly Message[] },
  ): Promise<{ added: number; isBeaten: boolean }> {
    const { gap } = feed.state;
    let [added, at] = [0, 0];
    for (let from = feed; at < messages.length;) {
      const { jobs, count } = await this.#jobsOf(table, messages.slice(at, at + MOST_DELIVERIES));
      at += count;
      const last = messages[at - 1];
      const isLast = at === messages.length || last === undefined;
      const place: Next = isLast
        ? { cursor: page.cursor, told: null, gap }
        : { cursor, told: { changes: last.index, endpoint: last.endpoint.id }, gap };
      const stored = await this.#advance(table, from, place, jobs);
      added += stored.added;
      if (stored.next === null) return { added, isBeaten: true };
      from = stored.next;
    }
    return { added, isBeaten: false };
  }

  /** Makes the deliveries of the first `messages`. @returns Them, and of how many messages they are. */
  async #jobsOf(
    { store }: EndpointTable,
    messages: readonly Message[],
  ): Promise<{ jobs: Job[]; count: number }> {
    const jobs: Job[] = [];
    let [bytes, count] = [0, 0];
    let content = null as Content | null;
    for (const [i, message] of messages.entries()) {
      const { change, endpoint } = message;
      if (change !== messages[i - 1]?.change) {
        content = this.#contentOf(message, await store.get(change.job.seq));
      }
      bytes += content === null ? 0 : DELIVERY_BYTES + utf8Length(JSON.stringify(content.body));
      if (count > 0 && bytes > MOST_BYTES) break;
      count++;
      const job = content === null ? null : await this.#build(endpoint, content);
      if (job !== null) jobs.push(job);
    }
    return { jobs, count };
  }

  /** What is told of a change; null if its job is damaged, which is logged: the others must be told. */
  #contentOf({ change, event }: Message, subject: Job | null): Content | null {
    try {
      const body = eventBody(event, change, subject, this.#options.redactor);
      return { change, body, traceContext: subject?.traceContext ?? null };
    } catch (error) {
      this.#options.log.error("Cannot tell webhooks of {event} of job {id}: {error}", {
        event,
        id: change.job.id,
        error,
      });
      return null;
    }
  }

  /** The job that tells `endpoint`; null if it is refused, which is logged: the others must be told. */
  async #build({ id }: Endpoint, { change, body, traceContext }: Content): Promise<Job | null> {
    try {
      const job = await this.#options.host.build(requestOf({ endpoint: id, event: eventId(change), body }));
      return { ...job, traceContext };
    } catch (error) {
      if (!isInputError(error)) throw error;
      const message = "Cannot tell webhook {endpoint} of {event} of job {id}: {error}";
      this.#options.log.error(message, { endpoint: id, event: body.type, id: change.job.id, error });
      return null;
    }
  }

  /** Stores the next place and the deliveries before it. @returns The feed as it then is; null: another was faster. */
  async #advance(
    table: EndpointTable,
    from: StoredFeed,
    place: Next,
    jobs: readonly Job[],
  ): Promise<{ added: number; next: StoredFeed | null }> {
    const now = this.#clock.now();
    this.#ahead = this.#passed = null;
    try {
      const next = await table.advance(from, { ...place, at: now }, jobs, now);
      for (const job of jobs) this.#options.host.emit("added", job);
      return { added: jobs.length, next };
    } catch (error) {
      if (!(error instanceof VersionConflictError)) throw error;
      return { added: 0, next: null };
    }
  }
}
