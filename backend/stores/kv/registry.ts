import type { QueueInfo, WorkerInfo, WorkerReport } from "../../lib/store.ts";
import { askToStop, stopThis } from "./inbox.ts";
import { decode, encode } from "./codec.ts";
import { commit, type Context, untilStored } from "./context.ts";
import { reserveAndSet } from "./entries.ts";
import { probe } from "./lock-file.ts";
import { decodeProc, unpackClaims } from "./process.ts";

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
  const paused = new Set<string>();
  for await (const entry of reads.list({ prefix: keys.pausedQueues() })) paused.add(String(entry.key.at(-1)));
  const names = new Set(paused);
  for await (const entry of reads.list({ prefix: keys.queues() })) names.add(String(entry.key.at(-1)));
  return [...names].sort().map((name) => ({ name, paused: paused.has(name) }));
}

/** Pauses or resumes a queue; sets the claim lock, so that claimers read again. */
export async function setPaused(context: Context, queue: string, paused: boolean): Promise<void> {
  const { keys } = context;
  const empty = new Uint8Array(0);
  await untilStored(() =>
    commit(context, {
      build(batch) {
        if (batch.checksLock) return false; // a claim in the same commit has not seen it
        const entries = paused ? [[keys.queue(queue), empty], [keys.paused(queue), empty]] as const : [];
        if (!reserveAndSet(batch, entries, paused ? [] : [keys.paused(queue)])) return false;
        batch.takesEntry = true;
        batch.addsWork ||= !paused;
        return true;
      },
      committed: () => context.emit({ kind: "work" }),
    })
  );
}
