import { type Job, rescue, type RunningJob } from "../../lib/job.ts";
import type { StoreChange, WorkerReport } from "../../lib/store.ts";
import type { MemoryData } from "./data.ts";

/** A process that uses the data. The object itself is the epoch: its leases end with it. */
export interface Process {
  readonly workerId: string;
  /** What it holds, by `seq`: proof of the claim, and whether the handler has started. */
  readonly held: Map<string, { lease: string; started: boolean }>;
  readonly listeners: ReadonlySet<(change: StoreChange) => void>;
  /** False once others may take its jobs. */
  alive: boolean;
  /** The jobs others took from it; null while its leases hold. */
  lost: string[] | null;
  stopRequested: boolean;
  report: (WorkerReport & { heartbeatAt: number }) | null;
}

/** A process that has just registered. */
export function newProcess(workerId: string, listeners: Process["listeners"]): Process {
  return {
    workerId,
    held: new Map(),
    listeners,
    alive: true,
    lost: null,
    stopRequested: false,
    report: null,
  };
}

/** Ends one lease of `process`: its job becomes what `end` says. Returns that; null if it does not hold the job. */
export function endLease(
  data: MemoryData,
  process: Process,
  seq: string,
  end: (job: RunningJob, started: boolean) => Job,
  now: number,
): Job | null {
  const hold = process.held.get(seq);
  const job = data.find(seq);
  if (hold === undefined || job?.status !== "running") return null;
  process.held.delete(seq);
  const running: RunningJob = {
    ...job,
    status: "running",
    startedAt: job.startedAt ?? now,
    workerId: process.workerId,
    lease: hold.lease,
  };
  const ended = end(running, hold.started);
  data.put(ended);
  data.countEnded(running, ended, now);
  return ended;
}

/** Declares `process` dead: its jobs go back, its leases end. Returns how many jobs. */
export function rescueAll(data: MemoryData, process: Process, now: number): number {
  const seqs = [...process.held.keys()];
  for (const seq of seqs) endLease(data, process, seq, (job, started) => rescue(job, started, now), now);
  process.lost = [...process.lost ?? [], ...seqs];
  return seqs.length;
}
