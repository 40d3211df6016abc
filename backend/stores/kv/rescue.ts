import { type Job, type JobProgress, rescue as rescued, start } from "../../lib/job.ts";
import type { Batch } from "./batch.ts";
import { decode, encode } from "./codec.ts";
import { removeBell } from "./bells.ts";
import { readJobs } from "./bundles.ts";
import { commitAlone } from "./committer.ts";
import { commit, type Context, untilStored } from "./context.ts";
import { announce, type Entry, reserveAndSet, rewrite, tellingsOf } from "./entries.ts";
import { readRecord } from "./find.ts";
import { probe } from "./lock-file.ts";
import type { Placing } from "./pages.ts";
import { decodeProc, type ProcValue, unpackClaims } from "./process.ts";

/** Jobs requeued in one commit: each is a check, and KV takes 100. */
const AT_ONCE = 50;
/** Bytes of records requeued in one commit. */
const BYTES_AT_ONCE = 300_000;

/** What a dead process held, until it is requeued. */
interface DeadValue extends ProcValue {
  /** Jobs whose handlers had started: they may have killed it, and are charged an attempt. */
  started: string[];
}

/** Processes seen silent by this one, with the version of their key and since when on its own monotonic clock. */
export type Silence = Map<string, { version: string; since: number }>;

/**
 * Gives the jobs of dead processes back, in two steps: one small commit moves the claims of a dead process from its key
 * to `dead`, which fences it; then bounded batches requeue them. In one step the jobs of a process with large ones would
 * not fit a commit and be stuck for ever.
 */
export async function rescue(context: Context, silence: Silence, now: number): Promise<number> {
  const { kv, keys, process } = context;
  for await (const entry of kv.list<Uint8Array>({ prefix: keys.procs() })) {
    const id = String(entry.key.at(-1));
    if (id !== process.id) await buryIfDead(context, silence, id, entry);
  }
  return await requeueAll(context, now);
}

/** Gives back what a former process under this process's own id held. The lock on its file proves its death. */
export async function rescueFormer(context: Context, started: Set<string>): Promise<void> {
  const { kv, keys, process } = context;
  await commitAlone(kv.atomic().delete(keys.adder(process.id)));
  const former = await kv.get<Uint8Array>(keys.proc(process.id));
  if (former.versionstamp === null) return;
  // Not through the committer: every commit of this process checks that it has no key yet.
  const buried = await commitAlone(burial(context, process.id, former, started));
  if (!buried) await rescueFormer(context, started); // a probing process was first
}

async function buryIfDead(
  context: Context,
  silence: Silence,
  id: string,
  entry: Deno.KvEntry<Uint8Array>,
): Promise<void> {
  const found = probe(context.path, id);
  if (found.state === "alive") return void silence.delete(id);
  if (found.state === "dead") {
    try {
      // Under its lock: the key as it is now, since somebody may have started and ended under this id meanwhile.
      for (let buried = false; !buried;) {
        const current = await context.kv.get<Uint8Array>(entry.key);
        buried = current.versionstamp === null ||
          await commitAlone(burial(context, id, current, found.started));
      }
      removeBell(context.path, id); // nobody can have hung a new one
    } finally {
      found.release();
    }
    return;
  }
  const since = context.clock.monotonic();
  const seen = silence.get(id);
  if (seen === undefined || seen.version !== entry.versionstamp) {
    silence.set(id, { version: entry.versionstamp, since });
  } else if (since - seen.since >= context.leaseMs) {
    // Nothing tells which of its handlers had started, so none is charged.
    await commitAlone(burial(context, id, entry, new Set()));
    silence.delete(id);
  }
}

/** Moves the claims of a dead process out of its key. Checked against that key alone, so it is the fence. */
function burial(
  { kv, keys }: Context,
  id: string,
  proc: Deno.KvEntryMaybe<Uint8Array>,
  started: Set<string>,
): Deno.AtomicOperation {
  const op = kv.atomic().check(proc).delete(keys.proc(id)).delete(keys.inbox(id));
  const value = decodeProc(proc.value);
  if (value === null || value.claims.length === 0) return op;
  const claims = unpackClaims(value.claims);
  const dead: DeadValue = { ...value, started: [...started].filter((seq) => claims.has(seq)) };
  return op.set(keys.dead(id, value.epoch), encode(dead));
}

/** Requeues what dead processes held, whoever buried them: as of `now`, or of later if a process died after that. */
export async function requeueAll(context: Context, now: number): Promise<number> {
  const { kv, keys, clock } = context;
  let count = 0;
  for await (const { key } of kv.list<Uint8Array>({ prefix: keys.deads() })) {
    // Read now that it is buried: at the caller's `now` the process may still have lived.
    const at = Math.max(now, clock.now());
    for (let n = 1; n > 0; count += n) n = await untilStored(() => requeueSome(context, key, at));
  }
  return count;
}

async function requeueSome(context: Context, key: Deno.KvKey, now: number): Promise<number> {
  const { kv, keys } = context;
  const dead = await kv.get<Uint8Array>(key);
  if (dead.value === null) return 0;
  const value = decode(dead.value) as DeadValue;
  const id = String(key.at(-2));
  const started = new Set(value.started);
  const claims = [...unpackClaims(value.claims)];
  const checks: Deno.AtomicCheck[] = [dead];
  const entries: Entry[] = [];
  const gone: Deno.KvKey[] = [];
  const moved: { before: Job; after: Job }[] = [];
  const placings: Placing[] = [];
  let bytes = 0;
  let done = 0;
  const some = claims.slice(0, AT_ONCE);
  const records = await readJobs(kv, keys, some.map(([seq]) => seq));
  for (const [i, [seq, at]] of some.entries()) {
    const { record = null, check } = records[i] ?? {};
    if (bytes + (record?.length ?? 0) * 2 > BYTES_AT_ONCE && done > 0) break;
    bytes += (record?.length ?? 0) * 2;
    done++;
    if (check !== undefined) checks.push(check);
    const { job, parts } = readRecord(seq, record);
    const progress = await kv.get<Uint8Array>(keys.progress(seq));
    const running = {
      ...start(job, { workerId: id, lease: value.epoch, now: at }),
      ...(progress.value === null ? {} : { progress: decode(progress.value) as JobProgress }),
    };
    const after = rescued(running, started.has(seq), now);
    const made = rewrite(keys, running, after, parts);
    moved.push({ before: running, after });
    if (made.placing !== null) placings.push(made.placing);
    entries.push(...made.entries);
    gone.push(keys.progress(seq), ...made.gone);
  }
  const rest = claims.slice(done);
  if (rest.length === 0) gone.push(key);
  else entries.push([key, encode({ ...value, claims: rest.flatMap(([seq, at]) => [at, seq]) })]);
  await commit(context, {
    build(batch: Batch) {
      if (!batch.own([String(key), ...moved.map(({ after }) => after.seq)])) return false;
      const tellings = moved.flatMap(({ before, after }) => tellingsOf(batch, before, after));
      if (!reserveAndSet(batch, entries, gone, checks, placings, tellings)) return false;
      batch.checksInbox = true; // which tells of subscriptions
      batch.addsWork = true;
      for (const { before, after } of moved) {
        batch.moves.move(after, "running", after.status);
        batch.moves.ended(before, after);
      }
      return true;
    },
    committed: () => moved.forEach(({ after }) => announce(context, after)),
  });
  return done;
}
