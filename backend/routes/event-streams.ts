import type { Clock } from "../lib/clock.ts";
import { InputRangeError } from "../lib/errors.ts";
import type { LiveBatch, LiveFeed, LiveSession } from "../lib/live-feed.ts";
import { Loop } from "../lib/loop.ts";
import type { Redactor } from "../lib/redact.ts";
import { EventClient } from "./event-client.ts";
import {
  type EventFilter,
  FrameWriter,
  heartbeatFrame,
  nameOf,
  openingFrame,
  resetFrame,
  showsAll,
} from "./event-frames.ts";
import { HttpProblem } from "./middleware/problem.ts";

/** Streams at the same time, and of one session. */
const MOST_STREAMS = 200;
const MOST_OF_SESSION = 6;
/** Milliseconds between two signs of life. */
const HEARTBEAT = 15_000;
/** Milliseconds that all wait for those who have not read yet. */
const LONGEST_WAIT = 300;
/** Milliseconds after which a client is asked for its rights again. */
const RECHECK = 60_000;

/** What `EventStreams` need. */
export interface EventStreamsOptions {
  feed: LiveFeed;
  clock: Clock;
  redactor: Redactor;
}

/** What a client asks for. */
export interface StreamRequest {
  filter: EventFilter;
  /** Where it stood before; null: it begins. */
  lastEventId: string | null;
  /** Which browser session asks; null: none does. */
  session: string | null;
  isAllowed(): Promise<boolean>;
}

/** All streams of this process. What happens is written once for all clients with the same filter. */
export class EventStreams {
  readonly #options: EventStreamsOptions;
  readonly #frames: FrameWriter;
  /** Clients by filter that are told what happens; those that still catch up are not among them. */
  readonly #groups = new Map<string, Set<EventClient>>();
  readonly #clients = new Set<EventClient>();
  readonly #unfollow = new Map<LiveSession, () => void>();
  /** Those whose stream is about to open. */
  readonly #coming = new Set<StreamRequest>();
  #loop: Loop | null = null;

  constructor(options: EventStreamsOptions) {
    this.#options = options;
    this.#frames = new FrameWriter(options.redactor);
  }

  /**
   * Opens a stream. It begins where `lastEventId` stands, or now.
   *
   * @throws {HttpProblem} There are too many (429).
   * @throws {StoreUnavailableError | ClosedError} The feed cannot be read.
   */
  async open(request: StreamRequest): Promise<ReadableStream<Uint8Array>> {
    const { filter, lastEventId } = request;
    const taken = [...this.#clients, ...this.#coming];
    if (taken.length >= MOST_STREAMS) throw tooMany(MOST_STREAMS, "");
    const ofSession = taken.filter(({ session }) => session === request.session).length;
    if (request.session !== null && ofSession >= MOST_OF_SESSION) {
      throw tooMany(MOST_OF_SESSION, " of this session");
    }
    const { feed, clock } = this.#options;
    this.#coming.add(request);
    const session = await feed.enter().finally(() => this.#coming.delete(request));
    const client = new EventClient({ ...request, onGone: (gone) => this.#remove(gone) });
    client.checkedAt = clock.monotonic();
    this.#clients.add(client);
    this.#attend(session);
    const stats = showsAll(filter) ? session.stats : null;
    client.send(openingFrame(lastEventId === null ? session.cursor : null, stats));
    if (lastEventId === null) this.#join(client);
    else void this.#catchUp(client, session, lastEventId);
    return client.stream;
  }

  /** Sends a client what it missed, as fast as it reads, until it stands where the others do. */
  async #catchUp(client: EventClient, session: LiveSession, from: string): Promise<void> {
    try {
      for (let cursor = from; !client.isGone;) {
        const upTo = session.cursor;
        if (cursor === upTo) return this.#join(client);
        const page = await session.changesSince(cursor, upTo);
        if (page.reset) client.send(resetFrame(upTo));
        else client.send(this.#frames.frame(page.changes, page.more ? page.cursor : upTo, client.filter));
        cursor = page.more ? page.cursor : upTo;
        await client.drained();
      }
    } catch (error) {
      if (!(error instanceof InputRangeError)) return client.close(); // it comes back when the store does
      client.send(resetFrame(session.cursor));
      this.#join(client);
    }
  }

  #join(client: EventClient): void {
    if (client.isGone) return;
    const name = nameOf(client.filter);
    const group = this.#groups.get(name) ?? new Set();
    this.#groups.set(name, group.add(client));
  }

  #remove(client: EventClient): void {
    this.#clients.delete(client);
    const name = nameOf(client.filter);
    const group = this.#groups.get(name);
    group?.delete(client);
    if (group?.size === 0) this.#groups.delete(name);
    if (this.#clients.size === 0) {
      this.#loop?.close();
      this.#loop = null;
      for (const unfollow of this.#unfollow.values()) unfollow();
      this.#unfollow.clear();
    }
    this.#options.feed.leave();
  }

  /** Follows `session` and begins the signs of life, unless that is so already. */
  #attend(session: LiveSession): void {
    if (!this.#unfollow.has(session)) {
      const unfollow = session.follow({
        receive: (batch) => this.#tell(batch),
        ready: () => this.#drained(),
        closed: () => {
          for (const client of [...this.#clients]) client.close();
        },
      });
      this.#unfollow.set(session, unfollow);
    }
    if (this.#loop !== null) return;
    let isFirst = true;
    this.#loop = new Loop(this.#options.clock, async () => {
      if (!isFirst) await this.#beat(session);
      isFirst = false;
      return HEARTBEAT;
    });
    this.#loop.start();
  }

  #tell(batch: LiveBatch): void {
    const frameOf = this.#frames.framesOf(batch);
    for (const group of [...this.#groups.values()]) {
      const [first] = group;
      const frame = first === undefined ? null : frameOf(first.filter);
      if (frame !== null) { for (const client of [...group]) client.send(frame); }
    }
  }

  /** Resolves once nearly all clients have read what they were told; those that are slow hold up the others little. */
  async #drained(): Promise<void> {
    // Not those that still catch up: they take what they missed at their own pace.
    const clients = [...this.#groups.values()].flatMap((group) => [...group]);
    let waiting = clients.length;
    if (clients.every(({ isFull }) => !isFull)) return;
    const stop = new AbortController();
    const all = new Promise<void>((resolve) => {
      for (const client of clients) void client.drained().then(() => --waiting === 0 && resolve());
    });
    await Promise.race([all, this.#options.clock.sleep(LONGEST_WAIT, stop.signal)]);
    stop.abort();
  }

  /** Shows every client that the stream lives, and sends away those that may not see it any more. */
  async #beat(session: LiveSession): Promise<void> {
    const now = this.#options.clock.monotonic();
    const due = [...this.#clients].filter(({ checkedAt }) => now - checkedAt >= RECHECK);
    await Promise.all(due.map(async (client) => {
      client.checkedAt = now;
      const isAllowed = await client.isAllowed().catch(() => false);
      if (!isAllowed) client.close();
    }));
    const [here, away] = [heartbeatFrame(session.cursor), heartbeatFrame(null)];
    for (const client of [...this.#clients]) {
      client.send(this.#groups.get(nameOf(client.filter))?.has(client) ? here : away);
    }
  }
}

function tooMany(most: number, whose: string): HttpProblem {
  const detail = `There are ${most} event streams${whose} already`;
  return new HttpProblem(429, "too_many_streams", detail, { headers: { "Retry-After": "30" } });
}
