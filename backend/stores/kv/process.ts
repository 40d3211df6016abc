import type { JobProgress, RunningJob } from "../../lib/job.ts";
import { type Bundle, BundleCounts, type Unbundled } from "./bundle-counts.ts";
import { decode, encode, type PartRefs } from "./codec.ts";

/** A job this process holds. */
export interface Holding {
  seq: string;
  startedAt: number;
  lease: string;
  /** null until its record has been read. */
  job: RunningJob | null;
  /** How far its handler says it is. */
  progress: JobProgress | null;
  /** Its data as JSON: what a handler does to the object it is given is not stored. */
  data: string;
  parts: PartRefs;
  /** Where its record lies if it has none of its own. */
  bundle?: Bundle;
  /** Its record cannot be read. */
  damaged: boolean;
  /** Somebody asked it to stop. */
  cancelRequestedAt: number | null;
}

/** A process's own key, as stored. Every commit of the process checks and sets it: that is the fence. */
export interface ProcValue {
  /** A fresh one each time the process starts, or starts over after it was declared dead. */
  epoch: string;
  /** Commits in this epoch. Tells whether a commit whose answer was lost has been applied. */
  seq: number;
  /** Epoch milliseconds of the last commit. */
  at: number;
  /** What it runs: claim times (numbers), each followed by the jobs claimed then. */
  claims: (number | string)[];
}

/** Packs claims: one number per claim time instead of one per job. */
export function packClaims(claims: Iterable<{ seq: string; at: number }>): (number | string)[] {
  const packed: (number | string)[] = [];
  let last: number | null = null;
  for (const { seq, at } of claims) {
    if (at !== last) packed.push(last = at);
    packed.push(seq);
  }
  return packed;
}

/** The reverse of `packClaims`: job → claim time. */
export function unpackClaims(packed: readonly (number | string)[]): Map<string, number> {
  const claims = new Map<string, number>();
  let at = 0;
  for (const item of packed) {
    if (typeof item === "number") at = item;
    else claims.set(item, at);
  }
  return claims;
}

/** Reads a `proc` value; null if it is missing or damaged. */
export function decodeProc(bytes: Uint8Array | null): ProcValue | null {
  if (bytes === null) return null;
  try {
    const value = decode(bytes) as ProcValue;
    return typeof value.epoch === "string" && Array.isArray(value.claims) ? value : null;
  } catch {
    return null;
  }
}

/** What a commit changes in what the process holds. */
export interface HoldingChange {
  taken: Holding[];
  dropped: Set<string>;
  /** What it dropped was in these bundles. */
  unbundled: Unbundled;
}

/** This process in its own eyes: its epoch, how many commits it made, and what it holds. */
export class Process {
  epoch = "";
  seq = 0;
  /** The version of its key after its last commit; null before the first of an epoch. */
  version: string | null = null;
  readonly holdings = new Map<string, Holding>();
  readonly bundles = new BundleCounts();
  /** The version of its inbox when last read. */
  inboxVersion: string | null = null;
  /** Jobs that its inbox says are to stop and that it did not hold then: a claim may be stored and not yet answered. */
  unheeded: ReadonlySet<string> = new Set();
  /** Somebody asked it to stop. */
  stopRequested = false;

  constructor(readonly id: string, readonly key: Deno.KvKey) {}

  /** Begins a new epoch, holding nothing. */
  begin(epoch: string): void {
    this.epoch = epoch;
    this.seq = 0;
    this.version = null;
    this.holdings.clear();
  }

  /** The value its key has once a commit with `change` is applied. */
  encode(change: HoldingChange, now: number): Uint8Array {
    const claims = packClaims(this.#after(change));
    return encode({ epoch: this.epoch, seq: this.seq + 1, at: now, claims } satisfies ProcValue);
  }

  *#after(change: HoldingChange): Iterable<{ seq: string; at: number }> {
    for (const { seq, startedAt } of this.holdings.values()) {
      if (!change.dropped.has(seq)) yield { seq, at: startedAt };
    }
    for (const { seq, startedAt } of change.taken) yield { seq, at: startedAt };
  }

  /** A commit with `change` is on disk under `version`. */
  committed(change: HoldingChange, version: string): void {
    this.seq++;
    this.version = version;
    for (const seq of change.dropped) this.holdings.delete(seq);
    this.bundles.committed(change.unbundled);
    for (const holding of change.taken) {
      this.holdings.set(holding.seq, holding);
      if (this.unheeded.has(holding.seq)) this.inboxVersion = null; // what would end it is refused, and reads again
    }
  }
}
