import { ClosedError } from "../../lib/errors.ts";
import type { Write } from "./batch.ts";
import { Bells } from "./bells.ts";
import { BULK, createBulkWriter, FULL } from "./bulk.ts";
import { Committer } from "./committer.ts";
import type { Context } from "./context.ts";
import { readSubscription, Subscription } from "./feed-subscription.ts";
import { FeedWriter } from "./feed-writer.ts";
import { readInbox } from "./inbox.ts";
import { News } from "./news.ts";
import type { NewPage } from "./pages.ts";
import { Process } from "./process.ts";
import { ReadyLists } from "./ready.ts";
import { Tallies } from "./tallies.ts";

/** What comes from outside: the open database and whose process it is. */
type Given =
  & Pick<
    Context,
    "kv" | "reads" | "path" | "lockFile" | "keys" | "clock" | "leaseMs" | "emit"
  >
  & { newEpoch(): string };

/** Puts the parts of a store together. Nothing is read or written yet. */
export function assemble(given: Given): Context {
  const { kv, keys, clock, lockFile, newEpoch, emit } = given;
  const process = new Process(lockFile.id, keys.proc(lockFile.id));
  const tallies = new Tallies(keys, process.id);
  const ready = new ReadyLists(kv, keys, process.id, clock);
  const news = new News(emit);
  const subscription = new Subscription(clock);
  const fed = {
    subscription,
    onStored: () => news.fed(),
    onWaiting: () => committer.submit(nudge()),
  };
  const feed = new FeedWriter({ ...fed, keys, name: process.id, process });
  const bells = new Bells(given.path, process.id);
  const adds: Write[] = [];
  const shared = { kv, keys, clock, newEpoch, adds };
  const hooks = {
    readAgain: () => ready.invalidate(),
    readInbox: () => readInbox(context),
    placed: (pages: readonly NewPage[], version: string) => ready.offer(pages, version),
    applied: () => {
      news.tell();
      bells.ring();
    },
    beginning: () => readSubscription(context),
    lockSet: (version: string, checked: string | null) => ready.lockSet(version, checked),
    fenced: () => emit({ kind: "lost", seqs: [...process.holdings.keys()] }),
  };
  const committer = new Committer({
    ...shared,
    process,
    tallies,
    feed,
    hooks,
    wakeKey: keys.wake(process.id),
    leaves: 0,
    other: () => bulk.committer,
  });
  const bulk = createBulkWriter({ ...shared, other: () => committer }, process.id, { ...hooks, ...fed });
  /** Types of jobs in `adds` that have been told of. */
  const coming = new Set<string>();
  const submitAdd = (write: Write, type?: string) => {
    if (committer.closed) return write.failed(new ClosedError("store"));
    if (adds.length === 0) coming.clear();
    if (type !== undefined && !coming.has(type) && ready.isUsed) {
      coming.add(type);
      news.coming(type);
    }
    adds.push(write);
    // Once there is enough for an atomic it is sent at once: the database works while the next jobs are encoded.
    if (adds.length >= FULL && (committer.runNow() || bulk.committer.runNow())) return;
    committer.kick();
    if (adds.length > BULK) bulk.committer.kick();
  };
  const context: Context = {
    ...given,
    process,
    tallies,
    ready,
    bells,
    news,
    subscription,
    feed,
    committer,
    bulk,
    adds,
    submitAdd,
    queues: new Set(),
  };
  return context;
}

/** A write of nothing: for a commit that takes along what waits for one. */
function nudge(): Write {
  return { build: () => true, committed() {}, fenced: () => true, failed() {} };
}
