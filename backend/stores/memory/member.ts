import { WorkerIdInUseError } from "../../lib/errors.ts";
import { type RunningJob, settle } from "../../lib/job.ts";
import type { StoreChange } from "../../lib/store.ts";
import type { MemoryData } from "./data.ts";
import { endLease, newProcess, type Process, rescueAll } from "./process.ts";

/** One store's process among those of its data: it registers under an id, may be declared dead, and comes back. */
export class Member {
  readonly listeners = new Set<(change: StoreChange) => void>();
  readonly #data: MemoryData;
  readonly #wantedId: string | undefined;
  #process: Process | null = null;

  /** @param workerId The id to register under. @default the first free of `memory-1`, `memory-2`, … */
  constructor(data: MemoryData, workerId?: string) {
    this.#data = data;
    this.#wantedId = workerId;
  }

  get workerId(): string {
    return this.#process?.workerId ?? this.#wantedId ?? "";
  }

  /** The process as registered, alive or not; null before it first was. */
  get process(): Process | null {
    return this.#process;
  }

  /** The process as registered; it registers first if it is new or was declared dead. */
  enter(now: number): Process {
    const { processes } = this.#data;
    const former = this.#process;
    if (former !== null && former.lost === null) return former;
    const workerId = this.#wantedId ?? former?.workerId ?? this.#freeId();
    const other = processes.get(workerId);
    if (other?.alive) throw new WorkerIdInUseError(workerId);
    if (other !== undefined) rescueAll(this.#data, other, now);
    this.#process = newProcess(workerId, this.listeners);
    processes.set(workerId, this.#process);
    if (former?.lost?.length) this.#data.tell({ kind: "lost", seqs: former.lost }, this.#process);
    return this.#process;
  }

  /** The hold on `job`, if its lease is still good. */
  holdOf(job: RunningJob): { started: boolean } | undefined {
    const hold = this.#process?.held.get(job.seq);
    return hold?.lease === job.lease ? hold : undefined;
  }

  /** Gives back what is held, and the id. */
  leave(now: number): void {
    const process = this.#process;
    if (process === null) return;
    for (const seq of [...process.held.keys()]) {
      endLease(this.#data, process, seq, (job) => settle(job, { kind: "released" }, now), now);
    }
    const { processes } = this.#data;
    if (processes.get(process.workerId) === process) processes.delete(process.workerId);
  }

  #freeId(): string {
    for (let n = 1;; n++) {
      const id = `memory-${n}`;
      if (!this.#data.processes.get(id)?.alive) return id;
    }
  }
}
