import { Alarm } from "./alarm.ts";
import type { Clock } from "./clock.ts";

/** Runs a pass, sleeps for as long as the pass says, and so on until it is stopped. */
export class Loop {
  readonly #alarm: Alarm;
  readonly #runOnce: () => Promise<number>;
  #running: Promise<void> | null = null;

  /** @param runOnce One pass; must not reject. Returns the milliseconds to sleep until the next. */
  constructor(clock: Clock, runOnce: () => Promise<number>) {
    this.#alarm = new Alarm(clock);
    this.#runOnce = runOnce;
  }

  /** Begins with a pass at once. Idempotent. */
  start(): void {
    this.#running ??= this.#run();
  }

  /** Ends the sleep, or the one after the pass under way. */
  wake(): void {
    this.#alarm.wake();
  }

  /** Lets a pass under way end and begins no more. */
  close(): void {
    this.#alarm.close();
  }

  /** Resolves once the last pass has ended, after `close()`. */
  async ended(): Promise<void> {
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#alarm.closed) await this.#alarm.sleep(await this.#runOnce());
  }
}
