import { type FinalStatus, isFinal, type Job } from "../../lib/job.ts";

/** Where everything lies in the KV database. `docs/STORES.md` tells what each key is for. */
export type Keys = ReturnType<typeof createKeys>;

/** What pending jobs have in common that are claimed in the order of adding: where their pages lie. */
export interface ReadyPlace {
  queue: string;
  type: string;
  priority: number;
  scheduledAt: number;
}

/**
 * Makes the keys of one installation; `prefix` keeps several apart in one database. It shares a part with the kind of
 * key: each part of a key costs as much as fifty bytes of it.
 *
 * What nearly every commit writes lies together under `hot`: then it is mostly one page of the file that is written,
 * and not five. Records come behind all other keys, where jobs that are settled as they were added are appended: SQLite
 * then fills its pages instead of splitting them.
 */
export function createKeys(prefix: string) {
  const [job, bundle, ready, done, hot, feed] = ["job", "bundle", "claimable", "done", "hot", "feed"]
    .map((kind) => `${prefix}/${kind}`) as [string, string, string, string, string, string];
  return {
    /** The record. */
    job: (seq: string) => [job, seq],
    jobs: () => [job],
    /** The records of jobs that were added together, until each is written again; by the last of them. */
    bundle: (last: string) => [bundle, last],
    bundles: () => [bundle],
    /** Custom id → seq. */
    alias: (id: string) => [prefix, "alias", id],
    /** Pages of pending jobs; higher priority sorts first because it is stored negated. */
    ready: ({ queue, type, priority, scheduledAt }: ReadyPlace) => [
      ready,
      queue,
      type,
      0 - priority, // never −0, which is another key
      scheduledAt,
    ],
    lane: (queue: string, type: string) => [ready, queue, type],
    readies: () => [ready],
    /** Where they were in files of before. */
    formerReadies: () => [`${prefix}/ready`],
    /** Scheduled and retrying jobs. */
    due: (at: number, seq: string) => [prefix, "due", at, seq],
    dues: () => [prefix, "due"],
    /** Jobs with an `expiresAt`; entries may outlive their job's wait. */
    expiry: (at: number, seq: string) => [prefix, "expiry", at, seq],
    expiries: () => [prefix, "expiry"],
    /** Pages of finished jobs. One index serves lists by status and by type: a list by status merges the types. */
    done: (type: string, status: FinalStatus, at: number) => [done, type, status, at],
    doneOf: (type: string, status: FinalStatus) => [done, type, status],
    /** Finished jobs with a time of keeping of their own, by when they go. */
    keep: (until: number, seq: string) => [prefix, "keep", until, seq],
    keeps: () => [prefix, "keep"],
    /** Jobs with a tag: unfinished ones first, as they will be claimed, then finished ones, newest first. */
    tag: (tag: string, job: Job) => [
      prefix,
      "tag",
      tag,
      ...(isFinal(job.status)
        ? [1, -(job.finishedAt ?? job.updatedAt), 0, job.seq]
        : [0, 0 - job.priority, job.scheduledAt, job.seq]),
    ],
    tagged: (tag: string) => [prefix, "tag", tag],
    unique: (key: string) => [prefix, "unique", key],
    /** One per process that writes: its epoch and what it holds. */
    proc: (id: string) => [hot, "proc", id],
    procs: () => [hot, "proc"],
    /** What a dead process held, until it is requeued. */
    dead: (id: string, epoch: string) => [prefix, "dead", id, epoch],
    deads: () => [prefix, "dead"],
    /** What others ask of a process. */
    inbox: (id: string) => [hot, "inbox", id],
    /** Changes when a process adds work, so that others look. */
    wake: (id: string) => [hot, "wake", id],
    wakes: () => [hot, "wake"],
    /** The like of `proc` of the second writer of a process. That only adds, so its key wakes others besides. */
    adder: (id: string) => [hot, "wake", id, "adds"],
    /** Whoever takes entries away from `ready` or `due` sets it. */
    lock: () => [hot, "lock"],
    queue: (name: string) => [prefix, "queue", name],
    queues: () => [prefix, "queue"],
    paused: (name: string) => [prefix, "paused", name],
    pausedQueues: () => [prefix, "paused"],
    /** Net counts of one process. */
    total: (id: string, queue: string, type: string) => [hot, "totals", id, queue, type],
    totals: () => [hot, "totals"],
    totalsOf: (id: string) => [hot, "totals", id],
    /** History of one process; its minute first, so that a range is one walk. */
    minute: (at: number, id: string, type: string) => [prefix, "minute", at, id, type],
    minutes: () => [prefix, "minute"],
    worker: (id: string) => [prefix, "worker", id],
    workers: () => [prefix, "worker"],
    progress: (seq: string) => [prefix, "progress", seq],
    log: (seq: string, at: number, n: number) => [prefix, "log", seq, at, n],
    logsOf: (seq: string) => [prefix, "log", seq],
    logs: () => [prefix, "log"],
    part: (seq: string, token: string, n: number) => [prefix, "part", seq, token, n],
    partsOf: (seq: string) => [prefix, "part", seq],
    allParts: () => [prefix, "part"],
    /** What one commit of a writer did to jobs, while somebody is subscribed. */
    feed: (writer: string, epoch: string, n: number) => [feed, writer, epoch, n],
    feeds: () => [feed],
    /** From when and until when somebody wants to know. */
    subscription: () => [prefix, "subscription"],
    record: (kind: string, key: string) => [prefix, "record", kind, key],
    recordsOf: (kind: string) => [prefix, "record", kind],
  } satisfies Record<string, (...args: never[]) => Deno.KvKey>;
}

/** True if pending jobs stand at this place. */
export function isReady(place: Deno.KvKey): boolean {
  return String(place[0]).endsWith("/claimable");
}

/** Bytes of `key` in the database, never too few: text at its longest, numbers as they are stored. */
export function keySize(key: Deno.KvKey): number {
  let size = 0;
  for (const part of key) size += typeof part === "string" ? textSize(part) + 2 : 9;
  return size;
}

function textSize(text: string): number {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return text.length * 3;
  return text.length;
}
