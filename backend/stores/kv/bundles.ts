/**
 * Jobs that are added together have their records under one key, a bundle, until each is written again under a key of its
 * own: it is the number of keys that a commit's time goes by. A record of its own is the one that counts.
 *
 * The jobs of a bundle are claimed together, and it goes with the settlement that writes the last of them again; with the
 * sweep if they were written otherwise. A job that is deleted leaves its bundle, or it would be there again.
 */
import { toBytes } from "./codec.ts";
import { commit, Conflict, type Context } from "./context.ts";
import { type Entry, reserveAndSet } from "./entries.ts";
import { getAll } from "./get-all.ts";
import type { Keys } from "./keys.ts";
import { listGrowing } from "./list-growing.ts";
import type { Leaving } from "./leave.ts";
import { decodeItems, encodePage, latestEnd, type NewPage, type PageItem, type StoredPage } from "./pages.ts";

/** Writes a page, and the records of the jobs that come into being with it. */
export function putPage(op: Deno.AtomicOperation, keys: Keys, page: NewPage): void {
  const { items, added, claimed } = page;
  const bytes = encodePage(items);
  if (items.length > 0) op.set(page.key, bytes);
  const isSame = items.length === added.length; // then they are the same
  putRecords(op, keys, added, isSame ? bytes : undefined);
  putRecords(op, keys, claimed);
}

/** Writes records: several in a bundle, one under a key of its own. */
function putRecords(
  op: Deno.AtomicOperation,
  keys: Keys,
  items: readonly PageItem[],
  bytes?: Uint8Array,
): void {
  const [first] = items;
  if (first === undefined) return;
  if (first.bundle === undefined) op.set(keys.job(first.seq), toBytes(first.text));
  else op.set(keys.bundle(first.bundle), bytes ?? encodePage(items));
}

/**
 * What is to be written so that only those of some jobs that `leave` are in the bundle they share with those that `stay`,
 * or only these: the others, the fewer, get records of their own. So the jobs of a bundle are always claimed together,
 * and whoever claims them sees the last of them end.
 */
export function part(keys: Keys, leave: readonly PageItem[], stay: readonly PageItem[]): Entry[] {
  const [leaving, staying] = [leave, stay].map((items) => items.filter(({ bundle }) => bundle !== undefined));
  if (!leaving?.length || !staying?.length) return [];
  return (leaving.length < staying.length ? leaving : staying).map((item) => {
    item.bundle = undefined;
    return [keys.job(item.seq), toBytes(item.text)];
  });
}

/** A job's record, wherever it lies. */
export interface JobRecord {
  /** null: there is no such job. */
  record: Uint8Array | string | null;
  /** Holds until the job is written again. */
  check: Deno.AtomicCheck;
  /** Where its record lies in a bundle: holds until a job of that is deleted. `check` holds again once this one is. */
  bundle: Deno.AtomicCheck | null;
}

/** A bundle as read: the records of some jobs, the last of which its key names. */
type StoredBundle = StoredPage;

function bundleOf({ key, value, versionstamp }: Deno.KvEntry<Uint8Array>): StoredBundle {
  return { key, versionstamp, items: decodeItems(value) };
}

/** The records of jobs. They are not of one moment. */
export async function readJobs(kv: Deno.Kv, keys: Keys, seqs: readonly string[]): Promise<JobRecord[]> {
  const own = await getAll<Uint8Array>(kv, seqs.map(keys.job));
  const without = seqs.filter((_, i) => own[i]?.versionstamp === null);
  if (without.length === 0) return own.map((entry) => ({ record: entry.value, check: entry, bundle: null }));
  const bundles = await findBundles(kv, keys, without);
  // Those found nowhere may have been written again meanwhile, and their bundle be gone.
  const missed = without.filter((seq) => !bundles.has(seq));
  const again = missed.length === 0 ? [] : await getAll<Uint8Array>(kv, missed.map(keys.job));
  const late = new Map(missed.map((seq, i) => [seq, again[i]]));
  return seqs.map((seq, i) => {
    const entry = late.get(seq) ?? own[i];
    const check = { key: keys.job(seq), versionstamp: entry?.versionstamp ?? null };
    const bundle = bundles.get(seq) ?? null;
    const bundled = bundle?.items.find((item) => item.seq === seq);
    return { record: entry?.value ?? bundled?.text ?? null, check, bundle };
  });
}

/** The record of one job. */
export async function readJob(kv: Deno.Kv, keys: Keys, seq: string): Promise<JobRecord> {
  const [found] = await readJobs(kv, keys, [seq]);
  return found ?? { record: null, check: { key: keys.job(seq), versionstamp: null }, bundle: null };
}

/** The bundles that hold some of `seqs`, by seq. */
async function findBundles(
  kv: Deno.Kv,
  keys: Keys,
  seqs: readonly string[],
): Promise<Map<string, StoredBundle>> {
  const found = new Map<string, StoredBundle>();
  await Promise.all(neighbours(seqs).map((some) => findNear(kv, keys, some, found)));
  return found;
}

/** `seqs` in order, apart where no bundle can hold one and the next. */
function neighbours(seqs: readonly string[]): string[][] {
  const groups: string[][] = [];
  for (const seq of seqs.toSorted()) {
    const group = groups.at(-1);
    const before = group?.at(-1);
    if (group !== undefined && before !== undefined && seq < latestEnd(before)) group.push(seq);
    else groups.push([seq]);
  }
  return groups;
}

/** Puts the bundles that hold some of `seqs` into `found`. */
async function findNear(
  kv: Deno.Kv,
  keys: Keys,
  seqs: readonly string[],
  found: Map<string, StoredBundle>,
): Promise<void> {
  const wanted = new Set(seqs);
  /** Bundles that end here or before it have been read, as far as they may hold what is looked up. */
  let read = "";
  for (const seq of seqs) {
    const latest = latestEnd(seq);
    if (found.has(seq) || read >= latest) continue;
    const start = read < seq ? [seq] : [read, 0];
    read = latest; // unless it is found before that
    const range = { start: [...keys.bundles(), ...start], end: [...keys.bundles(), latest] };
    for await (const entry of kv.list<Uint8Array>(range, { batchSize: 2 })) {
      const bundle = bundleOf(entry);
      for (const item of bundle.items) if (wanted.has(item.seq)) found.set(item.seq, bundle);
      if (!found.has(seq)) continue;
      read = String(entry.key.at(-1));
      break;
    }
  }
}

/** What is to be written so that jobs are in no bundle any more, for each that holds some of them. */
export async function leaveBundles({ kv, keys }: Context, seqs: readonly string[]): Promise<Leaving[]> {
  const leaving = new Set(seqs);
  const bundles = await findBundles(kv, keys, seqs);
  return [...new Set(bundles.values())].map(({ key, versionstamp, items }) => {
    const rest = items.filter(({ seq }) => !leaving.has(seq));
    return {
      // Under its key, though the last may have left: those who look for another must not miss it.
      sets: rest.length === 0 ? [] : [[key, encodePage(rest)]],
      gone: rest.length === 0 ? [key] : [],
      checks: [{ key, versionstamp }],
      subjects: [`bundle ${key.join("\n")}`],
    };
  });
}

/** Bundles whose last jobs are looked up together; each may have 12 kB. */
const SWEPT_AT_ONCE = 20;

/**
 * Deletes bundles whose jobs have all been written again though nobody saw the last of them end: some were rescued, or
 * changed while they waited.
 */
export async function sweepBundles(context: Context): Promise<void> {
  const { reads, keys } = context;
  const range = { prefix: keys.bundles() };
  for await (const entries of listGrowing(reads, range, { first: SWEPT_AT_ONCE, most: SWEPT_AT_ONCE })) {
    const bundles = entries.map(bundleOf);
    // Most that are still needed are told by their last job.
    const mayGo = await areWritten(context, bundles.flatMap(({ items }) => items.slice(-1)));
    await Promise.all(bundles.map(async (bundle, i) => {
      const isOver = mayGo[i] && !(await areWritten(context, bundle.items)).includes(false);
      if (isOver) await deleteBundle(context, bundle);
    }));
  }
}

/** Which of these jobs have records of their own. */
async function areWritten({ reads, keys }: Context, items: readonly PageItem[]): Promise<boolean[]> {
  const own = await getAll(reads, items.map(({ seq }) => keys.job(seq)));
  return own.map(({ versionstamp }) => versionstamp !== null);
}

/** Deletes a bundle as it was read; one that a job has left meanwhile stays for the next sweep. */
async function deleteBundle(context: Context, bundle: StoredBundle): Promise<void> {
  try {
    await commit(context, { build: (batch) => reserveAndSet(batch, [], [bundle.key], [bundle]) });
  } catch (error) {
    if (!(error instanceof Conflict)) throw error;
  }
}
