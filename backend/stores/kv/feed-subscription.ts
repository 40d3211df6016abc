import type { Clock } from "../../lib/clock.ts";
import { type FeedTerm, renew, SUBSCRIBED_FOR } from "../../lib/feed-term.ts";
import { decode, encode } from "./codec.ts";
import { commit, type Context, untilStored } from "./context.ts";
import { reserveAndSet } from "./entries.ts";
import { askToFeed } from "./inbox.ts";

/** What this process knows of the subscription: while it is alive, each commit tells the feed what it does. */
export class Subscription {
  #since = Infinity;
  #until = -Infinity;

  constructor(readonly clock: Clock) {}

  get isAlive(): boolean {
    return this.clock.monotonic() < this.#until;
  }

  /** Since when it has been alive without a break, epoch milliseconds. */
  get since(): number {
    return this.#since;
  }

  /** Somebody subscribed. By the clock that never steps: else a corrected one would end it early, and nobody see it. */
  learn({ since, until }: FeedTerm): void {
    const { clock } = this;
    const left = Math.min(until - clock.now(), SUBSCRIBED_FOR);
    this.#until = Math.max(this.#until, clock.monotonic() + left);
    this.#since = since;
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
  for (const id of others) if (id !== process.id) await untilStored(() => askToFeed(context, id, term));
}
