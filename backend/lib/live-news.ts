import type { Clock } from "./clock.ts";
import type { ScheduleEvent } from "./events.ts";
import { JOB_STATUSES } from "./job.ts";
import { changedSince, type Revision, ScheduleTable } from "./schedule/table.ts";
import type { StatusCounts, Store, WorkerInfo } from "./store.ts";

/** What is new besides jobs. */
export type News =
  | { event: "stats"; counts: StatusCounts; byQueue: Record<string, StatusCounts> }
  | { event: WorkerEvent; worker: Pick<WorkerInfo, "id" | "host" | "pid" | "concurrency" | "types"> }
  /** `changed`: by another process, which knows how. */
  | { event: `schedule.${ScheduleEvent["change"] | "changed"}`; name: string };

/** What became of a process: it joined, takes no more jobs, has left in order, or is dead. */
export type WorkerEvent = "worker.joined" | "worker.draining" | "worker.left" | "worker.died";

/** Milliseconds between two looks at the counts. */
const STATS_INTERVAL = 250;
/** Milliseconds between two looks at the workers and the schedules. */
const OTHERS_INTERVAL = 1_000;

type WorkerState = "running" | "draining" | "dead";

/** Workers as they were seen, by id. */
type Workers = ReadonlyMap<string, { state: WorkerState; worker: WorkerInfo }>;

/** Looks from time to time at what no feed tells: counts, workers, schedules. */
export class NewsDesk {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #table: ScheduleTable;
  #statsAt = -Infinity; // monotonic, as the next
  #othersAt: number;
  #stats = "";
  #workers: Workers;
  #revision: Revision;
  /** What was found and has not been returned: it is not lost should the store be away before that. */
  readonly #found: News[] = [];
  /** Which changes of schedules behind the last look were made by this process, and are told already. */
  readonly #told = new Set<number>();

  private constructor(store: Store, clock: Clock, seen: { workers: Workers; revision: Revision }) {
    this.#store = store;
    this.#clock = clock;
    this.#table = new ScheduleTable(store);
    this.#workers = seen.workers;
    this.#revision = seen.revision;
    this.#othersAt = clock.monotonic();
  }

  /** Looks for the first time: once it resolves, whatever becomes of workers and schedules is news. */
  static async open(store: Store, clock: Clock): Promise<NewsDesk> {
    const [workers, revision] = await Promise.all([
      workersOf(store, clock),
      new ScheduleTable(store).revision(),
    ]);
    return new NewsDesk(store, clock, { workers, revision });
  }

  /** This process did something to a schedule. */
  schedule({ name, change, revision }: ScheduleEvent): void {
    this.#found.push({ event: `schedule.${change}`, name });
    if (revision !== undefined) this.#told.add(revision);
  }

  /** What is new since the last look; the counts, the first time. */
  async look(): Promise<News[]> {
    const now = this.#clock.monotonic();
    if (now - this.#othersAt >= OTHERS_INTERVAL) {
      this.#othersAt = now;
      this.#found.push(...await this.#lookAtWorkers());
      this.#found.push(...await this.#lookAtSchedules());
    }
    if (now - this.#statsAt >= STATS_INTERVAL) {
      this.#statsAt = now;
      const stats = await this.#lookAtStats();
      if (stats !== null) this.#found.push(stats);
    }
    return this.#found.splice(0);
  }

  /** The last counts, for who has just come. */
  get lastStats(): News | null {
    return this.#stats === "" ? null : JSON.parse(this.#stats);
  }

  async #lookAtStats(): Promise<News | null> {
    const { byQueue, ...stats } = await this.#store.stats(this.#clock.now());
    const counts = Object.fromEntries(JOB_STATUSES.map((status) => [status, stats[status]])) as StatusCounts;
    const fresh: News = { event: "stats", counts, byQueue };
    const text = JSON.stringify(fresh);
    if (text === this.#stats) return null;
    this.#stats = text;
    return fresh;
  }

  async #lookAtWorkers(): Promise<News[]> {
    const before = this.#workers;
    const now = this.#workers = await workersOf(this.#store, this.#clock);
    const news: News[] = [];
    for (const [id, { state, worker }] of now) {
      const then = before.get(id)?.state;
      if (then === state) continue;
      if (state === "dead") news.push(tell("worker.died", worker));
      else if (state === "draining") news.push(tell("worker.draining", worker));
      else news.push(tell("worker.joined", worker));
    }
    for (const [id, { state, worker }] of before) {
      if (!now.has(id) && state !== "dead") news.push(tell("worker.left", worker));
    }
    return news;
  }

  async #lookAtSchedules(): Promise<News[]> {
    const before = this.#revision;
    const last = this.#revision = await this.#table.revision();
    const changed = changedSince(before, last);
    // One by one, not by name: this process may have changed a schedule just before or after another one did.
    const others = changed === null
      ? last.names
      : [...changed].filter(([which]) => !this.#told.has(which)).map(([, name]) => name);
    for (const which of this.#told) {
      if (changed === null || which <= last.count) this.#told.delete(which); // a later one was told during the read
    }
    return [...new Set(others)].map((name) => ({ event: "schedule.changed", name }));
  }
}

async function workersOf(store: Store, clock: Clock): Promise<Workers> {
  const workers = await store.workers(clock.now());
  return new Map(
    workers.map((worker) => [worker.id, { state: worker.alive ? worker.status : "dead", worker }]),
  );
}

function tell(event: WorkerEvent, { id, host, pid, concurrency, types }: WorkerInfo): News {
  return { event, worker: { id, host, pid, concurrency, types } };
}
