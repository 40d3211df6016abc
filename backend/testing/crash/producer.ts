import type { Clock } from "../../lib/clock.ts";
import { ADMIN_TOKEN } from "./fleet.ts";
import { planJob, type PlannedJob } from "./plan.ts";
import type { Progress } from "./progress.ts";
import { Random } from "./random.ts";
import type { Sink } from "./sink.ts";

/** What a producer works with. */
export interface ProducerOptions {
  jobs: number;
  clock: Clock;
  progress: Progress;
  sink: Pick<Sink, "urlFor">;
  /** The addresses that take jobs now. */
  origins: () => readonly string[];
  seed: number;
  /** Ends it early. */
  signal: AbortSignal;
}

/** The most jobs in one array. */
const MOST_AT_ONCE = 100;
/** The most jobs that may be acknowledged and not delivered: the last kills shall hit as much work as the first. */
const BACKLOG = 1_500;
/** Milliseconds between two tries of an add, and between two looks at whether more may be added. */
const PAUSE = 10;

/**
 * Adds the run's jobs over HTTP, some one by one and some in arrays, each add repeated with the same ids until
 * one of the processes has acknowledged it, as a client that must not lose a job would.
 */
export class Producer {
  /** Every job whose add was answered 2xx, by id. */
  readonly acknowledged = new Map<string, PlannedJob>();
  /** Adds that were sent more than once. */
  repeated = 0;
  readonly #options: ProducerOptions;
  readonly #random: Random;
  #planned = 0;

  constructor(options: ProducerOptions) {
    this.#options = options;
    this.#random = new Random(options.seed);
  }

  /** Adds all jobs, by `callers` at the same time. */
  async run(callers: number): Promise<void> {
    await Promise.all(Array.from({ length: callers }, () => this.#call()));
  }

  async #call(): Promise<void> {
    const { progress, clock, signal } = this.#options;
    while (this.#planned < this.#options.jobs && !signal.aborted) {
      if (progress.acknowledged - progress.delivered > BACKLOG || this.#planned >= progress.allowed) {
        await clock.sleep(PAUSE, signal);
      } else {
        for (const batch of await this.#nextBatches()) await this.#add(batch);
      }
    }
  }

  /** Plans the next jobs: those that are added alone, each as a batch of its own, and the others as one. */
  async #nextBatches(): Promise<PlannedJob[][]> {
    const { jobs, progress, seed } = this.#options;
    const size = Math.min(
      this.#random.between(1, MOST_AT_ONCE),
      progress.allowed - this.#planned,
      jobs - this.#planned,
    );
    const first = this.#planned;
    this.#planned += size;
    const planned = await Promise.all(Array.from({ length: size }, (_, i) => planJob(first + i, seed)));
    const singles = planned.filter(({ idempotencyKey }) => idempotencyKey !== null).map((job) => [job]);
    const others = planned.filter(({ idempotencyKey }) => idempotencyKey === null);
    return others.length === 0 ? singles : [...singles, others];
  }

  async #add(batch: readonly PlannedJob[]): Promise<void> {
    const { clock, progress, signal } = this.#options;
    for (let tries = 0; !signal.aborted; tries++) {
      if (tries === 1) this.repeated++;
      if (await this.#try(batch)) {
        for (const job of batch) {
          this.acknowledged.set(job.id, job);
          if (job.options.delay !== undefined) progress.due(clock.now() + job.options.delay);
        }
        progress.acknowledged += batch.length;
        return;
      }
      await clock.sleep(PAUSE, signal);
    }
  }

  /** Sends an add once. @returns Whether it was acknowledged; if not, it may have been stored all the same. */
  async #try(batch: readonly PlannedJob[]): Promise<boolean> {
    const { origins, progress } = this.#options;
    const open = origins();
    if (open.length === 0) return false;
    try {
      const sent = fetch(`${this.#random.pick(open)}/api/admin/jobs`, this.#requestFor(batch));
      progress.announce("add");
      const response = await sent;
      const text = await response.text();
      if (response.status >= 500) return false;
      if (!response.ok) throw new RefusedError(`An add was answered ${response.status}: ${text}`);
      return true;
    } catch (error) {
      if (error instanceof RefusedError) throw error;
      return false; // its process was killed, or is not there yet
    }
  }

  #requestFor(batch: readonly PlannedJob[]): RequestInit {
    const [first] = batch;
    const key = batch.length === 1 ? first?.idempotencyKey ?? null : null;
    const items = batch.map((job) => ({
      type: "webhook:send",
      data: { url: this.#options.sink.urlFor(job.behaviour), body: { job: job.id } },
      options: job.idempotencyKey === null ? { ...job.options, jobId: job.id } : job.options,
    }));
    return {
      method: "POST",
      headers: {
        authorization: `Bearer ${ADMIN_TOKEN}`,
        "content-type": "application/json",
        ...(key === null ? {} : { "idempotency-key": key }),
      },
      body: JSON.stringify(key === null ? items : items[0]),
    };
  }
}

/** The service took an add for a bad one: the run itself is wrong. */
class RefusedError extends Error {}
