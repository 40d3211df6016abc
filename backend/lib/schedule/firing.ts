import { InvalidStatusError, isInputError, NotFoundError, VersionConflictError } from "../errors.ts";
import { isFinal, type Job } from "../job.ts";
import { utf8Length } from "../json.ts";
import type { Log } from "../log.ts";
import type { QueueHost } from "../queue-host.ts";
import type { Store } from "../store.ts";
import type { Agenda, Plan } from "./agenda.ts";
import type { Declarations } from "./declarations.ts";
import { judge, release, take } from "./due.ts";
import type { Ending, Endings } from "./endings.ts";
import type { ScheduleRecord, StoredRun } from "./record.ts";
import { requestOf } from "./request.ts";
import { openJobs, withOutcomes } from "./runs.ts";
import type { StoredSchedule } from "./stored.ts";
import type { ScheduleTable } from "./table.ts";
import type { Timing, Timings } from "./timing.ts";

/** What a `Firing` needs. */
export interface FiringOptions {
  host: QueueHost;
  /** Cancels a job, as a person would. */
  cancel(id: string): Promise<unknown>;
  agenda: Agenda;
  declarations: Declarations;
  timings: Timings;
  endings: Endings;
  log: Log;
}

/** The store and the schedules in it. */
export interface Place {
  store: Store;
  table: ScheduleTable;
}

/** When due schedules are fired. Epoch milliseconds. */
export interface FireRequest {
  now: number;
  /** Ticks that fire from this time on are late at the most; those before it were missed. */
  since: number;
}

/** A schedule on its way to its next tick. */
interface Move {
  stored: StoredSchedule;
  record: ScheduleRecord;
  jobs: readonly Job[];
  /** About so many bytes of the commit. */
  bytes: number;
}

/** Schedules looked at together, and how many times so many at the same time. */
const TOGETHER = 25;
const LANES = 4;
/** What one commit may hold: stores take at least twice as much. */
const MOST_BYTES = 200_000;
const MOST_WRITES = 50;
/** Jobs that one schedule adds in one commit, and the bytes one takes besides its data. */
const MOST_JOBS = 40;
const JOB_BYTES = 1_500;
/** Commits refused in one pass because others were faster, before it takes a breath. */
const MOST_CONFLICTS = 50;
/** Runs whose jobs are looked at if nothing depends on whether they have ended. */
const MOST_LOOKS = 10;
/** Milliseconds until a schedule is tried again that the store refuses. */
const POSTPONED = 60_000;

const NEVER: Plan = { fireAt: Infinity, awaits: [], foreignTickAt: null };

/** Fires schedules: adds the jobs of their due ticks and moves them on, in one commit. */
export class Firing {
  readonly #options: FiringOptions;

  constructor(options: FiringOptions) {
    this.#options = options;
  }

  /** Notes when to look at a schedule; null: it is gone. */
  note(name: string, record: ScheduleRecord | null): void {
    const { agenda, timings } = this.#options;
    if (record !== null) return agenda.set(name, this.#planOf(name, record));
    agenda.delete(name);
    timings.forget(name);
  }

  /**
   * Fires `names`, then all that are due, until none is.
   *
   * @returns The jobs added, and whether it gave up since others were faster too often.
   */
  async run(
    place: Place,
    request: FireRequest,
    names: readonly string[] = [],
  ): Promise<{ added: number; isCrowded: boolean }> {
    const { agenda } = this.#options;
    let added = 0;
    let conflicts = 0;
    for (let due = [...names]; due.length > 0 || agenda.nextAt <= request.now;) {
      if (due.length === 0) due = agenda.due(request.now);
      const lanes = Array.from({ length: LANES }, () => this.#fire(place, request, due.splice(0, TOGETHER)));
      // Should one fail, the others end before the pass does.
      for (const lane of await Promise.allSettled(lanes)) {
        if (lane.status === "rejected") throw lane.reason;
        added += lane.value.added;
        conflicts += lane.value.conflicts;
      }
      if (conflicts >= MOST_CONFLICTS) return { added, isCrowded: true };
    }
    return { added, isCrowded: false };
  }

  /** Fires `names`. @returns The jobs added, and the commits that were refused since others were faster. */
  async #fire(
    place: Place,
    request: FireRequest,
    names: readonly string[],
  ): Promise<{ added: number; conflicts: number }> {
    const moves = await Promise.all(names.map((name) => this.#move(place, request, name)));
    let added = 0;
    let conflicts = 0;
    for (const batch of batchesOf(moves.filter((move) => move !== null))) {
      const count = await this.#commit(place, batch);
      added += count ?? 0;
      if (count === null) conflicts++;
    }
    return { added, conflicts };
  }

  /** Reads a schedule as it is now and moves it on as far as it may; null: there is nothing to do. */
  async #move(place: Place, request: FireRequest, name: string): Promise<Move | null> {
    const { declarations } = this.#options;
    const stored = await place.table.read(name);
    const timing = stored === null ? null : this.#timingOf(name, stored.record);
    if (stored === null || timing === null) {
      this.note(name, stored?.record ?? null);
      return null;
    }
    const jobs = await this.#openJobs(place.store, stored);
    const open = [...jobs.values()].filter((job) => job !== null && !isFinal(job.status));
    const isRunning = open.length > 0;
    const seen = withOutcomes(name, stored.record, jobs);
    const since = Math.max(request.since, declarations.sinceOf(name));
    const judged = judge(seen, timing, { now: request.now, since, isRunning });
    const { ticks, record } = take(release(judged.record, isRunning), mostJobs(seen));
    if (record === seen) {
      this.note(name, stored.record);
      return null;
    }
    if (judged.cancels) await Promise.all(open.map((job) => this.#cancel(job?.id ?? "")));
    return await this.#addJobs({ ...stored, record }, ticks);
  }

  /** The jobs of runs that had not ended when last seen. */
  async #openJobs(store: Store, { name, record }: StoredSchedule): Promise<Map<string, Ending | null>> {
    const { endings } = this.#options;
    const isFree = record.definition.overlap === "allow";
    const jobs = new Map<string, Ending | null>();
    const unknown: string[] = [];
    for (const id of openJobs(name, record)) {
      const ending = endings.get(id);
      if (ending === undefined) unknown.push(id);
      else jobs.set(id, ending);
    }
    const asked = unknown.slice(0, isFree ? MOST_LOOKS : undefined);
    await Promise.all(asked.map(async (id) => jobs.set(id, await store.get(id))));
    return jobs;
  }

  async #cancel(id: string): Promise<void> {
    try {
      await this.#options.cancel(id);
    } catch (error) {
      const hasEnded = error instanceof InvalidStatusError || error instanceof NotFoundError;
      if (!hasEnded) throw error;
    }
  }

  /** Makes the jobs of `ticks`; what is refused is remembered with the schedule, and the tick is over. */
  async #addJobs(stored: StoredSchedule, ticks: readonly number[]): Promise<Move> {
    const { host, declarations, log } = this.#options;
    const { name } = stored;
    const jobs: Job[] = [];
    const refused = new Map<number, string>();
    for (const at of ticks) {
      try {
        jobs.push(
          await host.build(requestOf(name, stored.record, { at }, declarations.get(name)?.job)),
        );
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        refused.set(at, message);
        if (stored.record.problem !== message) {
          log.error('Cannot add the job of schedule "{name}": {error}', {
            name,
            error: isInputError(error) ? message : error,
          });
        }
      }
    }
    const record = ticks.length === 0 ? stored.record : afterRefusals(stored.record, refused);
    const bytes = utf8Length(JSON.stringify(record)) + jobs.length * bytesOfJob(record);
    return { stored, record, jobs, bytes };
  }

  /** @returns The jobs added; null: somebody else was faster with one of the schedules, and nothing was written. */
  async #commit({ store, table }: Place, batch: readonly Move[]): Promise<number | null> {
    const { host, agenda, log } = this.#options;
    const jobs = batch.flatMap((move) => move.jobs);
    try {
      await store.commit({
        put: batch.map(({ stored, record }) => table.put(stored, record)),
        insert: jobs.map((job) => ({ job })),
      }, host.clock.now());
    } catch (error) {
      if (error instanceof VersionConflictError) return null;
      if (!isInputError(error)) throw error;
      if (batch.length > 1) {
        let added = 0;
        for (const move of batch) added += await this.#commit({ store, table }, [move]) ?? 0;
        return added;
      }
      // The others must go on.
      for (const { stored: { name } } of batch) {
        log.error('Cannot store schedule "{name}": {error}', { name, error });
        agenda.set(name, { ...NEVER, fireAt: host.clock.now() + POSTPONED });
      }
      return 0;
    }
    for (const { stored, record, jobs } of batch) {
      this.note(stored.name, record);
      for (const job of jobs) host.emit("added", job);
      if (jobs.length > 0) host.emit("schedule", { name: stored.name, change: "fired" });
    }
    return jobs.length;
  }

  #planOf(name: string, record: ScheduleRecord): Plan {
    const timing = this.#timingOf(name, record);
    const isForeign = record.code !== null && record.inCode && !this.#options.declarations.has(name);
    if (timing === null) return { ...NEVER, foreignTickAt: isForeign ? record.nextTickAt ?? Infinity : null };
    const awaits = record.queued.length > 0 ? openJobs(name, record) : [];
    const isReady = record.backlog.length > 0 || (record.queued.length > 0 && awaits.length === 0);
    const fireAt = record.nextTickAt === null ? Infinity : timing.fireAt(record.nextTickAt);
    return { ...NEVER, fireAt: isReady ? -Infinity : fireAt, awaits };
  }

  /** The timing of a schedule that this process fires; null: it is not its business, or broken. */
  #timingOf(name: string, record: ScheduleRecord): Timing | null {
    const { declarations, timings } = this.#options;
    if (record.code !== null && !declarations.has(name)) return null;
    try {
      return timings.of(name, record.definition, record.createdAt);
    } catch (error) {
      if (!isInputError(error)) throw error;
      return null; // it is shown as broken
    }
  }
}

/** As many of `moves` together as one commit holds, in their order. */
function batchesOf(moves: readonly Move[]): Move[][] {
  const batches: Move[][] = [];
  let [bytes, writes] = [0, 0];
  for (const move of moves) {
    bytes -= move.bytes;
    writes -= 1 + move.jobs.length;
    if (bytes < 0 || writes < 0 || batches.length === 0) {
      batches.push([]);
      bytes = MOST_BYTES - move.bytes;
      writes = MOST_WRITES - 1 - move.jobs.length;
    }
    batches.at(-1)?.push(move);
  }
  return batches;
}

function bytesOfJob({ definition }: ScheduleRecord): number {
  return JOB_BYTES + utf8Length(JSON.stringify(definition.job));
}

/** How many jobs of a schedule go into one commit. */
function mostJobs(record: ScheduleRecord): number {
  return Math.max(1, Math.min(MOST_JOBS, Math.floor(MOST_BYTES / bytesOfJob(record))));
}

/** `record` once the jobs of its last ticks were made, but for those that were `refused`. */
function afterRefusals(record: ScheduleRecord, refused: ReadonlyMap<number, string>): ScheduleRecord {
  if (refused.size === 0) return record.problem === null ? record : { ...record, problem: null };
  const runs = record.runs.map((run): StoredRun =>
    run[1] === null && run[2] === undefined && refused.has(run[0]) ? [run[0], "refused"] : run
  );
  const problem = [...refused.values()].at(-1)?.slice(0, 500) ?? null;
  return { ...record, runs, runCount: record.runCount - refused.size, problem };
}
