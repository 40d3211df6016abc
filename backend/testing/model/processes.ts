import type { Clock } from "../../lib/clock.ts";
import type { RunningJob } from "../../lib/job.ts";
import { LockFile } from "../../stores/kv/lock-file.ts";
import { KvStore } from "../../stores/kv/store.ts";
import { type MemoryData, MemoryStore } from "../../stores/memory.ts";
import type { FakeClock } from "../fake-clock.ts";
import { FaultyKv } from "./faulty-kv.ts";

/** A job a process has claimed, as each store gave it, and whether its handler runs. */
export interface Claim {
  model: RunningJob;
  subject: RunningJob;
  started: boolean;
}

/** One process, once with the store that is the model and once with the one that is tested. */
export class Process {
  /** False once it was killed: others may take its jobs. */
  alive = true;
  /** True once a commit of its hangs: it can do nothing any more. */
  hangs = false;
  /** Jobs it has claimed. */
  readonly claims: Claim[] = [];

  private constructor(
    readonly id: string,
    readonly model: MemoryStore,
    readonly subject: KvStore,
    readonly faults: FaultyKv,
    readonly lock: LockFile,
  ) {}

  /** Opens both stores under one worker id. */
  static async open(id: string, clock: FakeClock, data: MemoryData, path: string): Promise<Process> {
    let lock: LockFile | undefined;
    let faults: FaultyKv | undefined;
    const subject = new KvStore({
      path,
      workerId: id,
      clock: stillClock(clock),
      takeLock: async (...args) => lock = await LockFile.take(...args),
      async openKv(file) {
        const kv = await Deno.openKv(file);
        if (faults !== undefined) return kv; // the second handle only reads
        faults = new FaultyKv(kv);
        return faults.handle;
      },
    });
    await subject.open(clock.now());
    const model = new MemoryStore({ data, workerId: id, clock });
    await model.open(clock.now());
    if (lock === undefined || faults === undefined) throw new Error("The store opened nothing");
    return new Process(id, model, subject, faults, lock);
  }

  /** Kills it: others may take its jobs. It does not know, and may go on unless a commit of its hangs. */
  crash(): void {
    this.alive = false;
    this.model.crash();
    this.lock.close();
  }

  /** Closes both stores. */
  async close(): Promise<void> {
    this.alive = false;
    this.faults.release();
    await this.subject.close();
    await this.model.close();
  }

  /** Lets go of what the subject holds, after the run. */
  async dispose(): Promise<void> {
    this.faults.release();
    await this.subject.close();
  }
}

/**
 * The time of `clock`, on which what the store does from time to time never comes: it would come between the steps at
 * moments nobody controls. Whoever sleeps is woken to end.
 */
function stillClock(clock: FakeClock): Clock {
  return {
    now: () => clock.now(),
    monotonic: () => clock.monotonic(),
    sleep: (_, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) return resolve();
        signal?.addEventListener("abort", () => resolve(), { once: true });
      }),
  };
}
