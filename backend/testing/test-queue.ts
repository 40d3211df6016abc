import type { Job } from "../lib/job.ts";
import type { Log } from "../lib/log.ts";
import { Queue } from "../lib/queue.ts";
import type { QueueEvents } from "../lib/events.ts";
import type { QueueOptions } from "../lib/queue-options.ts";
import type { ClaimRequest, HeartbeatAnswer, Insert, Settlement, WorkerReport } from "../lib/store.ts";
import type { RunningJob } from "../lib/job.ts";
import { MemoryData, MemoryStore } from "../stores/memory.ts";
import { FakeClock } from "./fake-clock.ts";

/** The calls a `TestStore` can be made to fail or wait at. */
export type Interceptable = "open" | "insert" | "claim" | "settle" | "heartbeat" | "promote" | "get";

/** A memory store that records calls, and does before each what a test asks for: throw, or wait. */
export class TestStore extends MemoryStore {
  readonly calls: Interceptable[] = [];
  readonly claims: ClaimRequest[] = [];
  readonly settlements: Settlement[][] = [];
  /** Called before each call of that name; what it throws, the call rejects with, and nothing is done. */
  before: Partial<Record<Interceptable, (count: number) => void | Promise<void>>> = {};
  readonly #settleWatchers: (() => void)[] = [];
  readonly #counts = new Map<Interceptable, number>();

  #at<T>(name: Interceptable, call: () => Promise<T>): Promise<T> {
    this.calls.push(name);
    const count = (this.#counts.get(name) ?? 0) + 1;
    this.#counts.set(name, count);
    const before = this.before[name];
    if (before === undefined) return call();
    return (async () => {
      await before(count);
      return await call();
    })();
  }

  override open(now: number): Promise<void> {
    return this.#at("open", () => super.open(now));
  }

  override insert(inserts: readonly Insert[], now: number) {
    return this.#at("insert", () => super.insert(inserts, now));
  }

  override claim(request: ClaimRequest): Promise<RunningJob[]> {
    this.claims.push({ ...request, types: new Map(request.types) });
    return this.#at("claim", () => super.claim(request));
  }

  override async settle(settlements: readonly Settlement[], now: number): Promise<(Job | "lost")[]> {
    this.settlements.push(settlements.map(({ job, outcome }) => ({ job, outcome })));
    const stored = await this.#at("settle", () => super.settle(settlements, now));
    for (const tell of this.#settleWatchers.splice(0)) tell();
    return stored;
  }

  /** Resolves once the next call of `settle` has stored its outcomes. */
  settled(): Promise<void> {
    return new Promise((resolve) => this.#settleWatchers.push(resolve));
  }

  override heartbeat(report: WorkerReport, now: number): Promise<HeartbeatAnswer> {
    return this.#at("heartbeat", () => super.heartbeat(report, now));
  }

  override promote(now: number) {
    return this.#at("promote", () => super.promote(now));
  }

  override get(id: string): Promise<Job | null> {
    return this.#at("get", () => super.get(id));
  }
}

/** A log that keeps what it is told. */
export class TestLog implements Log {
  readonly lines: { level: keyof Log; message: string; fields: Record<string, unknown> | undefined }[] = [];

  debug(message: string, fields?: Record<string, unknown>): void {
    this.lines.push({ level: "debug", message, fields });
  }

  info(message: string, fields?: Record<string, unknown>): void {
    this.lines.push({ level: "info", message, fields });
  }

  warn(message: string, fields?: Record<string, unknown>): void {
    this.lines.push({ level: "warn", message, fields });
  }

  error(message: string, fields?: Record<string, unknown>): void {
    this.lines.push({ level: "error", message, fields });
  }

  /** The messages of one level. */
  of(level: keyof Log): string[] {
    return this.lines.filter((line) => line.level === level).map(({ message }) => message);
  }
}

/** A queue on a memory store and a clock that only the test moves. Stop it with `await using`. */
export class TestQueue extends Queue {
  readonly clock: FakeClock;
  readonly store: TestStore;
  readonly log: TestLog;

  constructor(
    options: Partial<Omit<QueueOptions, "store" | "clock" | "log">> & {
      clock?: FakeClock;
      data?: MemoryData;
      workerId?: string;
    } = {},
  ) {
    const { clock = new FakeClock(), data = new MemoryData(), workerId, ...rest } = options;
    const store = new TestStore(workerId === undefined ? { data } : { data, workerId });
    const log = new TestLog();
    super({ ...rest, store, clock, log });
    this.clock = clock;
    this.store = store;
    this.log = log;
  }

  /** The job of this id, which must exist. */
  async job(id: string): Promise<Job> {
    const job = await this.get(id);
    if (job === null) throw new Error(`There is no job "${id}"`);
    return job;
  }

  /** Resolves at the next `event`. */
  next<K extends keyof QueueEvents>(event: K): Promise<QueueEvents[K]> {
    return new Promise((resolve) => {
      const off = this.on(event, (value) => {
        off();
        resolve(value);
      });
    });
  }
}

/** A promise with its ends: for handlers that run until the test says so. */
export function gate<T = void>(): PromiseWithResolvers<T> {
  return Promise.withResolvers<T>();
}
