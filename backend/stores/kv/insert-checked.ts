import { holdsUnique, isWaiting, replace } from "../../lib/job.ts";
import type { Inserted } from "../../lib/store.ts";
import { Addition, subjectsOf } from "./addition.ts";
import { readJob } from "./bundles.ts";
import { change } from "./change.ts";
import { Conflict, type Context, untilStored } from "./context.ts";
import { find } from "./find.ts";
import type { Request } from "./insert.ts";
import { checksOf, cut, storePieces } from "./parts.ts";

/** What the additions of one call share. */
interface Call {
  /** Set once one of them has failed: those behind it are not sent any more. */
  error?: unknown;
}

/**
 * Adds jobs some of which have an id of their own, a unique key or large data: those are looked up all together first,
 * so that all can be submitted in order.
 */
export async function addChecked(
  context: Context,
  requests: readonly Request[],
  now: number,
  token: () => string,
): Promise<Inserted[]> {
  await storePieces(context, requests.flatMap(({ cut }) => cut.pieces));
  const looks = await Promise.all(requests.map((request) => look(context, request, now)));
  const call: Call = {};
  const turns = new Map<string, Promise<unknown>>();
  const added = await Promise.allSettled(requests.map((request, i) => {
    // One after the other if they are about one id or key; else all at once.
    const names = subjectsOf(request.job);
    const earlier = names.map((name) => turns.get(name)).filter((turn) => turn !== undefined);
    const add = (found?: Look) => addCarefully(context, call, request, found, now, token);
    const turn = earlier.length === 0 ? add(looks[i]) : Promise.allSettled(earlier).then(() => add());
    for (const name of names) turns.set(name, turn);
    return turn;
  }));
  return added.map((one) => {
    if (one.status === "rejected") throw call.error ?? one.reason;
    return one.value;
  });
}

/** What a look at an own id and a unique key found. */
export type Look = { verdict: Inserted } | { replace: string } | { checks: Deno.AtomicCheck[] };

/** Looks up what stands in the way of an addition. */
export async function look(context: Context, request: Request, now: number): Promise<Look> {
  const { kv, keys } = context;
  const { job } = request;
  const { record } = await readJob(kv, keys, job.seq); // stored by a commit whose answer was lost
  if (record !== null) return { verdict: { id: job.id, outcome: "added" } };
  const checks = await checksOf(context, request.cut.firsts);
  if (job.id !== job.seq) {
    const alias = await kv.get<Uint8Array>(keys.alias(job.id));
    if (alias.value !== null) return { verdict: { id: job.id, outcome: "exists" } };
    checks.push(alias);
  }
  if (job.unique === null) return { checks };
  const held = await kv.get<Uint8Array>(keys.unique(job.unique.key));
  checks.push(held);
  const holder = held.value === null ? null : await find(context, holderOf(held.value));
  if (holder === null || !holdsUnique(holder.job, now)) return { checks };
  const { id, status } = holder.job;
  if (request.onConflict === "reject") return { verdict: { id, outcome: "rejected" } };
  if (request.onConflict !== "replace") return { verdict: { id, outcome: "exists" } };
  return isWaiting(status) ? { replace: holder.job.seq } : { checks };
}

/** The job a unique key names. */
export function holderOf(value: Uint8Array): string {
  return (JSON.parse(new TextDecoder().decode(value)) as { seq: string }).seq;
}

async function addCarefully(
  context: Context,
  call: Call,
  request: Request,
  first: Look | undefined,
  now: number,
  token: () => string,
): Promise<Inserted> {
  let known = first;
  try {
    return await untilStored(async () => {
      if (call.error !== undefined) throw call.error;
      const found = known ?? await look(context, request, now);
      known = undefined;
      if ("verdict" in found) return found.verdict;
      if ("replace" in found) return await replaceHolder(context, request, found.replace, now, token);
      return await addUnder(context, call, request, found.checks);
    });
  } catch (error) {
    call.error ??= error;
    throw error;
  }
}

/** Adds a job if `checks` hold. */
function addUnder(
  context: Context,
  call: Call,
  { job, data, cut }: Request,
  checks: Deno.AtomicCheck[],
): Promise<Inserted> {
  return new Promise((resolve, reject) => {
    const addition = new Addition(context, job, data, cut, {
      get error() {
        return call.error;
      },
      stored: () => resolve({ id: job.id, outcome: "added" }),
      again: () => reject(new Conflict()),
      failed: reject,
    });
    addition.checks = checks;
    addition.isApart = true;
    context.submitAdd(addition, addition.job.type);
  });
}

/** Gives the waiting holder of the key what `job` asked for. Pieces of large data are stored under the holder. */
async function replaceHolder(
  context: Context,
  { job, data }: Request,
  holder: string,
  now: number,
  token: () => string,
): Promise<Inserted> {
  const fresh = { ...job, data: JSON.parse(data) };
  const made = cut(context, holder, { data: fresh.data }, token);
  await storePieces(context, made.pieces);
  const overtaken = new Error("The holder is no longer waiting");
  try {
    const stored = await change(context, holder, (current) => {
      if (!isWaiting(current.status) || !holdsUnique(current, now)) throw overtaken;
      return replace(current, fresh);
    }, made);
    if (stored !== null) return { id: stored.id, outcome: "replaced" };
  } catch (error) {
    if (error !== overtaken) throw error;
  }
  throw new Conflict(); // to look again from the start, not only at the holder
}
