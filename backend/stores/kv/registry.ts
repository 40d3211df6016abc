import { pauseAgain } from "../../lib/queue-pause.ts";
import type { QueueInfo, QueuePause, WorkerInfo, WorkerReport } from "../../lib/store.ts";
import type { Batch } from "./batch.ts";
import { askToStop, stopThis } from "./inbox.ts";
import { decode, encode } from "./codec.ts";
import { commit, type Context, untilStored } from "./context.ts";
import { reserveAndSet } from "./entries.ts";
import { probe } from "./lock-file.ts";
import { decodeProc, unpackClaims } from "./process.ts";

const EMPTY = new Uint8Array(0);

/** What a process said of itself, and when. */
interface Registered extends WorkerReport {
  heartbeatAt: number;
  /** Which process of this id. */
  instance: string;
}

/** Registers this process, or renews that. */
export async function register(context: Context, report: WorkerReport, now: number): Promise<void> {
  const { keys, process, lockFile: { instance } } = context;
  const value = encode({ ...report, heartbeatAt: now, instance } satisfies Registered);
  await untilStored(() =>
    commit(context, { build: (batch) => reserveAndSet(batch, [[keys.worker(process.id), value]]) })
  );
}

/** Every registered process, by id. */
export async function listWorkers(context: Context): Promise<WorkerInfo[]> {
  const { reads, keys } = context;
  const workers: WorkerInfo[] = [];
  for await (const entry of reads.list<Uint8Array>({ prefix: keys.workers() })) {
    const id = String(entry.key.at(-1));
    const proc = decodeProc((await reads.get<Uint8Array>(keys.proc(id))).value);
    const jobs = proc === null ? [] : [...unpackClaims(proc.claims).keys()];
    const { instance, ...report } = decode(entry.value) as Registered;
    workers.push({ ...report, id, alive: holderOf(context, id) === instance, jobs });
  }
  return workers;
}

/** Which process holds the id; null if none does, as far as anybody can tell. */
function holderOf({ path, process, lockFile }: Context, id: string): string | null {
  if (id === process.id) return lockFile.instance;
  const found = probe(path, id);
  if (found.state === "dead") found.release();
  return found.state === "alive" ? found.instance : null;
}

/** Asks a live process to stop, forgets a dead one; its jobs are rescued before this is called. */
export async function removeWorker(context: Context, id: string): Promise<"stopping" | "removed" | null> {
  const { kv, keys, process } = context;
  const registered = await kv.get(keys.worker(id));
  if (registered.versionstamp === null) return null;
  if (holderOf(context, id) !== null) {
    if (id === process.id) stopThis(context);
    else await untilStored(() => askToStop(context, id));
    return "stopping";
  }
  await untilStored(() => commit(context, { build: (batch) => reserveAndSet(batch, [], [keys.worker(id)]) }));
  return "removed";
}

/** Every queue that ever had a job or was paused, by name. */
export async function listQueues({ reads, keys }: Context): Promise<QueueInfo[]> {
  const pauses = new Map<string, QueuePause | null>();
  for await (const { key, value } of reads.list<Uint8Array>({ prefix: keys.pausedQueues() })) {
    pauses.set(String(key.at(-1)), decodePause(value));
  }
  const names = new Set(pauses.keys());
  for await (const entry of reads.list({ prefix: keys.queues() })) names.add(String(entry.key.at(-1)));
  return [...names].sort().map((name) => {
    const [paused, pause] = [pauses.has(name), pauses.get(name) ?? null];
    return pause === null ? { name, paused } : { name, paused, pause };
  });
}

/** Pauses or resumes a queue; sets the claim lock, so that claimers read again. */
export function setPaused(
  context: Context,
  queue: string,
  paused: boolean,
  said: QueuePause | null,
): Promise<QueuePause | null> {
  return untilStored(() => paused ? pause(context, queue, said) : resume(context, queue));
}

async function pause(context: Context, queue: string, said: QueuePause | null): Promise<QueuePause | null> {
  const { kv, keys } = context;
  const key = keys.paused(queue);
  const { value, versionstamp } = await kv.get<Uint8Array>(key);
  const stands = pauseAgain(value === null ? null : decodePause(value), said);
  const entries = [[keys.queue(queue), EMPTY], [key, stands === null ? EMPTY : encode(stands)]] as const;
  await changePaused(context, queue, (batch) => reserveAndSet(batch, entries, [], [{ key, versionstamp }]));
  return stands;
}

async function resume(context: Context, queue: string): Promise<null> {
  const gone = [context.keys.paused(queue)];
  await changePaused(context, queue, (batch) => {
    if (!reserveAndSet(batch, [], gone)) return false;
    batch.addsWork = true;
    return true;
  });
  return null;
}

async function changePaused(
  context: Context,
  queue: string,
  build: (batch: Batch) => boolean,
): Promise<void> {
  await commit(context, {
    build(batch) {
      if (batch.checksLock) return false; // a claim in the same commit has not seen it
      // Of two pauses in one commit each would pass its check: the other has to see the first.
      if (!batch.own([String(context.keys.paused(queue))]) || !build(batch)) return false;
      batch.takesEntry = true;
      return true;
    },
    committed: () => context.emit({ kind: "work" }),
  });
}

/** The pause that is stored; null if nobody said anything of it, as in versions that kept none. */
function decodePause(value: Uint8Array): QueuePause | null {
  return value.length === 0 ? null : decode(value) as QueuePause;
}
