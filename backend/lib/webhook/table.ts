import { VersionConflictError } from "../errors.ts";
import type { Job } from "../job.ts";
import type { RecordPut, Store, StoredRecord } from "../store.ts";
import { type Endpoint, readEndpoint } from "./endpoint.ts";
import { type FeedState, NO_FEED } from "./feed-state.ts";
import { afterAttempt, type AttemptEnd, type EndpointHealth, healthOf, onTrial, restOf } from "./health.ts";

const KIND = "webhook";
const FEED = { kind: "webhook-feed", key: "all" };
const HEALTH = "webhook-health";

/** Tries of a change: whenever one fails, another one was stored. */
const MOST_TRIES = 1_000;

/** The feed state as it was read. */
export interface StoredFeed {
  readonly state: FeedState;
  /** What a write has to expect; null: there is no record. */
  readonly version: string | null;
  /** Which write it is. */
  readonly writtenBy: string | null;
}

/** What an endpoint is to become: another one, nothing (null), or what it is (undefined). */
export type NextEndpoint = Endpoint | null | undefined;

/**
 * The endpoints in the store, and how far they have been told. Each change of an endpoint also writes the feed state:
 * whoever moves the feed on with endpoints that are out of date is refused.
 */
export class EndpointTable {
  readonly store: Store;
  readonly #writer = crypto.randomUUID().slice(0, 8);
  #writes = 0;

  constructor(store: Store) {
    this.store = store;
  }

  /** The endpoint of this id; null if there is none. */
  async read(id: string): Promise<Endpoint | null> {
    const stored = await this.store.record(KIND, id);
    return stored === null ? null : readEndpoint(stored);
  }

  /** All endpoints that can be read, in the order they were made. */
  async readAll(): Promise<Endpoint[]> {
    return (await this.store.records(KIND)).map(readEndpoint).filter((endpoint) => endpoint !== null);
  }

  /** How far endpoints have been told. */
  async feed(): Promise<StoredFeed> {
    const stored = await this.store.record(FEED.kind, FEED.key);
    if (stored === null) return { state: NO_FEED, version: null, writtenBy: null };
    const { writtenBy, ...state } = stored.value as FeedState & { writtenBy: string };
    return { state, version: stored.version, writtenBy };
  }

  /**
   * Moves the feed on and adds the deliveries of what lies between, all or nothing.
   *
   * @returns The feed as it then is; null if another process has moved it on since.
   * @throws {VersionConflictError} Another process was faster, or an endpoint has changed; nothing was stored.
   */
  async advance(
    from: StoredFeed,
    to: Omit<FeedState, "revision">,
    jobs: readonly Job[],
    now: number,
  ): Promise<StoredFeed | null> {
    const { put, writtenBy } = this.#feedPut(from, { ...to, revision: from.state.revision });
    await this.store.commit({ put: [put], insert: jobs.map((job) => ({ job })) }, now);
    const stored = await this.feed();
    return stored.writtenBy === writtenBy ? stored : null;
  }

  /**
   * Changes one endpoint as `change` says. Should another process be faster, `change` is called again with what is
   * stored then; what it throws is thrown here, and nothing changes.
   *
   * The first one that is enabled is told of what happens from now on, also while no process tells yet.
   *
   * @param change Gets the endpoint, null if there is none, and all there are.
   * @returns The endpoint before and after.
   */
  async change(
    id: string,
    now: number,
    change: (endpoint: Endpoint | null, all: readonly Endpoint[]) => NextEndpoint,
  ): Promise<{ before: Endpoint | null; after: Endpoint | null }> {
    for (let tries = 1;; tries++) {
      const feed = await this.feed();
      const [stored, records] = await Promise.all([this.store.record(KIND, id), this.store.records(KIND)]);
      const all = records.map(readEndpoint).filter((endpoint) => endpoint !== null);
      const before = stored === null ? null : readEndpoint(stored);
      const after = change(before, all);
      if (after === undefined || (after === null && stored === null)) return { before, after: before };
      const others = all.filter((endpoint) => endpoint.id !== id);
      const isActive = [...others, ...after === null ? [] : [after]].some(({ enabled }) => enabled);
      const put = [
        { kind: KIND, key: id, value: after ?? undefined, expect: stored?.version ?? null },
        this.#feedPut(feed, await this.#changed(feed.state, isActive, now)).put,
        ...after === null ? await this.#forgetHealth(id) : [],
      ];
      try {
        await this.store.commit({ put }, now);
        return { before, after };
      } catch (error) {
        if (!(error instanceof VersionConflictError) || tries === MOST_TRIES) throw error;
      }
    }
  }

  /** True if nobody has changed or removed an endpoint since it was read. */
  async isCurrent({ id, updatedAt }: Endpoint): Promise<boolean> {
    return (await this.read(id))?.updatedAt === updatedAt;
  }

  /** Disables an endpoint for a reason of its own, which is shown with it; unless somebody has seen to it since. */
  async giveUp({ id, updatedAt }: Endpoint, because: string, now: number): Promise<void> {
    await this.change(id, now, (endpoint) => {
      if (endpoint?.updatedAt !== updatedAt || !endpoint.enabled) return undefined;
      return { ...endpoint, enabled: false, disabledBecause: because, updatedAt: now };
    });
  }

  /** What deliveries to `id` have come to. */
  async health(id: string): Promise<EndpointHealth> {
    return healthOf(await this.store.record(HEALTH, id));
  }

  /** The same of all endpoints, by id. */
  async healthOfAll(): Promise<ReadonlyMap<string, EndpointHealth>> {
    return new Map((await this.store.records(HEALTH)).map((record) => [record.key, healthOf(record)]));
  }

  /** Notes how an attempt ended. Of two at the same moment one may go uncounted. */
  async noteAttempt(id: string, end: AttemptEnd, now: number): Promise<void> {
    const stored = await this.store.record(HEALTH, id);
    const health = afterAttempt(healthOf(stored), end, now);
    if (health !== null) await this.#putHealth(id, health, stored, now);
  }

  /**
   * Asks whether something may be sent to an endpoint: while it hangs, one attempt is made after each rest, in all
   * processes.
   *
   * @returns Until when it rests; null: go.
   */
  async rest(id: string, now: number): Promise<number | null> {
    const stored = await this.store.record(HEALTH, id);
    const health = healthOf(stored);
    if (health.hangsSince === null) return null;
    const until = restOf(health, now);
    if (until !== null) return until;
    const trial = onTrial(health, now);
    return await this.#putHealth(id, trial, stored, now) ? null : trial.restsUntil;
  }

  /** An endpoint that hangs need not rest any longer: somebody has changed it, or wants to see what it does. */
  async wake(id: string, now: number): Promise<void> {
    const stored = await this.store.record(HEALTH, id);
    const health = healthOf(stored);
    if (health.hangsSince !== null) await this.#putHealth(id, { ...health, restsUntil: null }, stored, now);
  }

  /** @returns False if somebody else has written it since it was read. */
  async #putHealth(
    id: string,
    value: EndpointHealth,
    read: StoredRecord | null,
    now: number,
  ): Promise<boolean> {
    try {
      await this.store.commit(
        { put: [{ kind: HEALTH, key: id, value, expect: read?.version ?? null }] },
        now,
      );
      return true;
    } catch (conflict) {
      if (!(conflict instanceof VersionConflictError)) throw conflict;
      return false;
    }
  }

  /** The feed state after a change of endpoints. */
  async #changed(state: FeedState, isActive: boolean, now: number): Promise<FeedState> {
    const revision = state.revision + 1;
    if (!isActive) return { ...state, cursor: null, told: null, revision };
    await this.store.subscribe(now);
    if (state.cursor !== null) return { ...state, revision };
    const { cursor } = await this.store.changesSince(null, { now });
    return { ...state, cursor, at: now, told: null, revision };
  }

  /** A write of the feed state like no other: a store that looks up whether it was stored takes no other for it. */
  #feedPut({ version }: StoredFeed, state: FeedState): { put: RecordPut; writtenBy: string } {
    const writtenBy = `${this.#writer}-${this.#writes++}`;
    return { put: { ...FEED, value: { ...state, writtenBy }, expect: version }, writtenBy };
  }

  async #forgetHealth(id: string): Promise<RecordPut[]> {
    const stored = await this.store.record(HEALTH, id);
    return stored === null ? [] : [{ kind: HEALTH, key: id, value: undefined, expect: stored.version }];
  }
}
