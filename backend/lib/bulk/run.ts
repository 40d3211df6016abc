import type { BulkData, BulkQueue, BulkResult } from "./data.ts";
import { BulkSelection } from "./selection.ts";
import type { Clock } from "../clock.ts";
import type { JobContext } from "../context.ts";
import { InvalidStatusError, NotFoundError, UniqueConflictError } from "../errors.ts";
import type { Job } from "../job.ts";

/** Jobs changed side by side: enough to share commits, few enough that an add finds its place between them. */
const AT_ONCE = 4;
/** Milliseconds after which it goes on in any case. */
const LONGEST_REST = 100;

/**
 * One attempt of a bulk job: walks what it is for and changes that, a few jobs at a time.
 *
 * An attempt after a crash begins anew and meets only what has not been changed; its result counts what it has changed
 * itself. A cancel of the bulk job ends it between two jobs; what it has changed stays so.
 */
export class BulkRun {
  readonly #queue: BulkQueue;
  readonly #clock: Clock;
  readonly #job: JobContext<BulkData>;
  readonly #selection: BulkSelection;
  #changed = 0;
  #skipped = 0;
  #failed = 0;
  /** Running jobs that were asked to stop: some take their time, and must not be asked for ever. */
  readonly #asked = new Set<string>();
  #seen = 0;
  #most = 0;

  constructor(queue: BulkQueue, job: JobContext<BulkData>) {
    this.#queue = queue;
    this.#clock = queue.host().clock;
    this.#job = job;
    this.#selection = new BulkSelection(job.data, job.createdAt);
  }

  async run(): Promise<BulkResult> {
    const { ids } = this.#job.data;
    if (ids === undefined) await this.#changeFiltered();
    else await this.#changeListed(ids);
    await this.#report(100);
    return this.#result;
  }

  get #result(): BulkResult {
    const [changed, skipped, failed] = [this.#changed, this.#skipped, this.#failed];
    return { matched: changed + skipped + failed, changed, skipped, failed };
  }

  async #changeListed(ids: readonly string[]): Promise<void> {
    this.#most = ids.length;
    for (let at = 0; at < ids.length; at += AT_ONCE) {
      const some = ids.slice(at, at + AT_ONCE);
      const jobs = await Promise.all(some.map((id) => this.#queue.get(id)));
      const wanted = jobs.filter((job) => job !== null && this.#selection.has(job)) as Job[];
      this.#skipped += some.length - wanted.length;
      await this.#changeAll(wanted);
      this.#seen += some.length;
      await this.#report();
    }
  }

  /**
   * Walks the filter. A job to be cancelled may have moved, from scheduled to pending, behind the walk: that begins
   * anew until nothing is left to cancel.
   */
  async #changeFiltered(): Promise<void> {
    this.#most = this.#selection.most(await this.#queue.stats());
    let before: number;
    do {
      before = this.#changed;
      this.#failed = 0; // those that failed are met again
      this.#seen = 0;
      for await (const page of this.#selection.pages(this.#queue)) {
        const jobs = page.jobs.filter((job) => {
          return job.id !== this.#job.id && !this.#asked.has(job.seq) && this.#selection.has(job);
        });
        await this.#changeAll(jobs);
        this.#seen += page.scanned;
        await this.#report();
      }
    } while (this.#job.data.action === "cancel" && this.#changed > before);
  }

  /**
   * Changes `jobs`. Those that a store may keep in one place, since they became what they are together, come one after
   * the other: changes of one place get in each other's way, and in that of adds that share their commits.
   */
  async #changeAll(jobs: readonly Job[]): Promise<void> {
    const places = Map.groupBy(jobs, ({ type, status, queue, priority, finishedAt, scheduledAt }) => {
      return [type, status, queue, priority, finishedAt ?? scheduledAt].join("\n");
    }).values();
    const { signal } = this.#job;
    const errors: unknown[] = [];
    const work = async () => {
      for (const place of places) {
        for (const job of place) {
          if (signal.aborted || errors.length > 0) return;
          const began = this.#clock.monotonic();
          await this.#change(job).catch((error: unknown) => errors.push(error));
          await this.#rest(this.#clock.monotonic() - began);
        }
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    signal.throwIfAborted();
    if (errors.length > 0) throw errors[0];
  }

  /** Rests for as long as a change took: the busier the store is, the more room is left to others. */
  async #rest(ms: number): Promise<void> {
    if (ms > 0) await this.#clock.sleep(Math.min(ms, LONGEST_REST), this.#job.signal);
  }

  /** Changes `job`, unless somebody else has since it was listed: retried it, say, and it has completed. */
  async #change({ seq, status, finishedAt }: Job): Promise<void> {
    if (status === "running") this.#asked.add(seq);
    try {
      await this.#queue[this.#job.data.action](seq, { status: this.#selection.statuses, finishedAt });
      this.#changed++;
    } catch (error) {
      if (error instanceof UniqueConflictError) this.#failed++;
      else if (error instanceof InvalidStatusError || error instanceof NotFoundError) this.#skipped++;
      else throw error; // the store is away, say: the next attempt goes on
    }
  }

  /** Unless all is done it is at most 99 %: the counts may have been too low. */
  async #report(
    percent = Math.min(99, Math.floor(100 * this.#seen / Math.max(1, this.#most))),
  ): Promise<void> {
    const { changed, skipped, failed } = this.#result;
    await this.#job.progress(percent, `${changed} changed, ${skipped} skipped, ${failed} failed`);
  }
}
