/** What a `Reader` reads, and whom it tells. */
export interface Reading<T> {
  load: () => Promise<T>;
  /** Milliseconds between the beginnings of two reads, at least. */
  spacing: number;
  /** Resolves after `ms` milliseconds. */
  sleep: (ms: number) => Promise<void>;
  onData: (data: T) => void;
  onFailure: (error: unknown) => void;
}

/**
 * Reads one thing whenever it is wanted: never twice at once, so that no older answer comes last, not too often, and
 * not while a change of it is on its way.
 */
export class Reader<T> {
  readonly #reading: Reading<T>;
  #isWanted = false;
  /** A read is on its way, or began a moment ago. */
  #isBusy = false;
  #isStopped = false;
  #holds = 0;
  /** Counts what makes outdated all that was asked for before. */
  #turn = 0;

  constructor(reading: Reading<T>) {
    this.#reading = reading;
  }

  /** Reads now, or as soon as it may. What a read that runs may have missed, the next one finds. */
  want(): void {
    this.#isWanted = true;
    void this.#read();
  }

  /** Runs `send`, and reads afterwards; what was asked for before is not shown. */
  async hold(send: () => Promise<unknown>): Promise<void> {
    this.#turn++;
    this.#holds++;
    try {
      await send();
    } finally {
      this.#holds--;
      this.want();
    }
  }

  /** Reads and shows nothing from now on. */
  stop(): void {
    this.#turn++;
    this.#isStopped = true;
  }

  async #read(): Promise<void> {
    if (!this.#isWanted || this.#isBusy || this.#isStopped || this.#holds > 0) return;
    const { load, spacing, sleep, onData, onFailure } = this.#reading;
    const turn = this.#turn;
    this.#isWanted = false;
    this.#isBusy = true;
    const isSpaced = sleep(spacing);
    try {
      const data = await load();
      if (turn === this.#turn) onData(data);
    } catch (error) {
      if (!this.#isStopped) onFailure(error); // what is shown stays; the badge tells that it is not live
    }
    await isSpaced;
    this.#isBusy = false;
    void this.#read();
  }
}
