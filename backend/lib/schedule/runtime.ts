import type { Clock } from "../clock.ts";
import type { Job } from "../job.ts";
import { type Log, logOf } from "../log.ts";
import { Outage } from "../outage.ts";
import type { QueueHost } from "../queue-host.ts";
import type { Queue } from "../queue.ts";
import { Agenda } from "./agenda.ts";
import { Declarations } from "./declarations.ts";
import { Endings } from "./endings.ts";
import { Firing, type Place } from "./firing.ts";
import type { TimingOf } from "./record.ts";
import { LABEL } from "./runs.ts";
import { type ChangedSchedule, ScheduleTable } from "./table.ts";
import { Ticker } from "./ticker.ts";
import { Timings } from "./timing.ts";

/** Milliseconds that a pass has to end when the scheduler stops: the store may be away. It fires nothing once that is closed. */
const LAST_PASS = 5_000;

/** What a scheduler consists of, and the wires between its parts. */
export class SchedulerRuntime {
  readonly host: QueueHost;
  readonly clock: Clock;
  readonly declarations = new Declarations();
  readonly ticker: Ticker;
  readonly #timings = new Timings();
  readonly #agenda = new Agenda();
  readonly #endings = new Endings();
  readonly #firing: Firing;
  readonly #queue: Queue;
  #place: Place | null = null;
  #unlisten: (() => void)[] = [];

  constructor(queue: Queue) {
    const host = this.host = queue.host();
    const log: Log = host.log ?? logOf("scheduler");
    this.#queue = queue;
    this.clock = host.clock;
    this.#firing = new Firing({
      host,
      cancel: (id) => queue.cancel(id),
      agenda: this.#agenda,
      declarations: this.declarations,
      timings: this.#timings,
      endings: this.#endings,
      log,
    });
    this.ticker = new Ticker({
      clock: host.clock,
      log,
      outage: new Outage({ log, onError: (error) => host.emit("error", error) }),
      agenda: this.#agenda,
      declarations: this.declarations,
      firing: this.#firing,
      place: () => this.place(),
      timingOf: (name) => this.timingOf(name),
      onChanged: (name, changed) => this.#note(name, changed),
    });
  }

  /** The store and the schedules in it; opens the store, if it is not open yet. */
  async place(): Promise<Place> {
    const store = await this.host.store(); // asked each time: a queue that was stopped says so
    return this.#place ??= { store, table: new ScheduleTable(store) };
  }

  /** Reads the timings of schedule `name`. */
  timingOf(name: string): TimingOf {
    return (definition, createdAt) => this.#timings.of(name, definition, createdAt);
  }

  /** Begins to fire; other processes know of it before that. */
  async start(): Promise<void> {
    await this.place();
    await this.host.setScheduling(true);
    const onEnded = (job: Job) => {
      if (!job.id.startsWith(LABEL)) return;
      this.#endings.note(job);
      if (this.#agenda.ended(job.id)) this.ticker.wake();
    };
    for (const event of ["completed", "failed", "cancelled"] as const) {
      this.#unlisten.push(this.#queue.on(event, onEnded));
    }
    this.#unlisten.push(this.#queue.on("started", ({ id }) => this.#endings.forget(id)));
    await this.ticker.start();
  }

  /** Lets a pass under way end; nothing fires after it. */
  async stop(): Promise<void> {
    for (const unlisten of this.#unlisten.splice(0)) unlisten();
    const over = new AbortController();
    await Promise.race([this.ticker.stop(), this.clock.sleep(LAST_PASS, over.signal)]);
    over.abort();
    await this.host.setScheduling(false);
  }

  /** A person has changed a schedule, or removed it. */
  changed(name: string, changed: ChangedSchedule): void {
    this.#note(name, changed);
    this.ticker.wake();
  }

  #note(name: string, { after, revision }: ChangedSchedule): void {
    this.#firing.note(name, after);
    const change = after === null ? "removed" : after.changes.at(-1)?.what ?? "updated";
    this.host.emit("schedule", { name, change, revision });
  }
}
