import type { Clock } from "../../lib/clock.ts";
import { type FeedTerm, renew, SUBSCRIBED_FOR } from "../../lib/feed-term.ts";
import { decode, encode } from "./codec.ts";
import { commit, type Context, untilStored } from "./context.ts";
import { reserveAndSet } from "./entries.ts";
import { askToFeed } from "./inbox.ts";

/** What this process knows of the subscription. */
export class Subscription {
  #term: string | null = null;
  #until = -Infinity;

  constructor(readonly clock: Clock) {}

  /**
   * While true, each commit tells the feed what it does. A subscription that has lapsed stays open until it is gone from
   * the store: who finds it there, by a clock that has stepped back, say, may read on from a place in it.
   */
  get isOpen(): boolean {
    return this.#until > -Infinity;
  }

  get isAlive(): boolean {
    return this.clock.monotonic() < this.#until;
  }

  get hasLapsed(): boolean {
    return this.isOpen && !this.isAlive;
  }

  /** The id of its term; null if it is not known. */
  get term(): string | null {
    return this.#term;
  }

  /** It is stored like this. */
  learn({ id, until }: FeedTerm): void {
    this.prolong(until);
    this.#term = id;
  }

  /**
   * Somebody says that they subscribed, who may have done so long ago: which term it is, the store knows. By the clock
   * that never steps: else a corrected one would end it early, and nobody see it.
   */
  prolong(until: number): void {
    const { clock } = this;
    const left = Math.min(until - clock.now(), SUBSCRIBED_FOR);
    this.#until = Math.max(this.#until, clock.monotonic() + left);
    this.#term = null;
  }

  /** It is gone from the store, unless there is another by now. */
  end(): void {
    if (this.hasLapsed) this.#until = -Infinity;
  }
}

/**
 * Learns of a subscription that others made before this process was among those who are told.
 *
 * @returns Holds until there is another.
 */
export async function readSubscription({ reads, keys, subscription }: Context): Promise<Deno.AtomicCheck> {
  const { key, value, versionstamp } = await reads.get<Uint8Array>(keys.subscription());
  if (value !== null) subscription.learn(decode(value) as FeedTerm);
  return { key, versionstamp };
}

/**
 * Subscribes, or renews that, and tells every process by its inbox. A commit that ends a job checks that, so from now
 * on no process ends one without telling the feed. Who has not committed yet is not told: its first commit checks the
 * subscription itself.
 */
export async function subscribe(context: Context, now: number): Promise<void> {
  const { kv, keys, process, subscription } = context;
  const term = await untilStored(async () => {
    const entry = await kv.get<Uint8Array>(keys.subscription());
    const fresh = renew(entry.value === null ? null : decode(entry.value) as FeedTerm, now);
    const sets = [[entry.key, encode(fresh)]] as const;
    await commit(context, {
      build: (batch) => batch.own(["subscription"]) && reserveAndSet(batch, sets, [], [entry]),
    });
    return fresh;
  });
  subscription.learn(term);
  const others: string[] = [];
  for await (const { key } of kv.list({ prefix: keys.procs() })) others.push(String(key.at(-1)));
  for (const id of others) {
    if (id !== process.id) await untilStored(() => askToFeed(context, id, term.until));
  }
}

/** Ends a subscription that nobody has renewed. */
export async function endLapsed(context: Context): Promise<void> {
  const { subscription } = context;
  await untilStored(async () => {
    const stored = subscription.hasLapsed ? await readSubscription(context) : null;
    if (stored === null || !subscription.hasLapsed) return; // it was renewed
    await commit(context, {
      build: (batch) => batch.own(["subscription"]) && reserveAndSet(batch, [], [stored.key], [stored]),
      committed: () => subscription.end(),
    });
  });
}
