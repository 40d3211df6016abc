import type { Job } from "../job.ts";

/** How a job ended, as a schedule needs it. */
export type Ending = Pick<Job, "id" | "status">;

/** So many endings nobody asked for are kept. */
const KEPT = 10_000;

/**
 * How jobs ended that ran in this process, until somebody asks: that need not be looked up in the store. Of others
 * nothing is known.
 */
export class Endings {
  readonly #known = new Map<string, Ending>();

  note({ id, status }: Ending): void {
    this.#known.delete(id);
    this.#known.set(id, { id, status });
    if (this.#known.size <= KEPT) return;
    const [oldest] = this.#known.keys();
    if (oldest !== undefined) this.#known.delete(oldest);
  }

  /** The job runs again. */
  forget(id: string): void {
    this.#known.delete(id);
  }

  /** How job `id` ended; undefined if that is not known here. */
  get(id: string): Ending | undefined {
    return this.#known.get(id);
  }
}
