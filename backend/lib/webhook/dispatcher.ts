import { ClosedError } from "../errors.ts";
import { type Log, logOf } from "../log.ts";
import { Loop } from "../loop.ts";
import { Outage } from "../outage.ts";
import type { Redactor } from "../redact.ts";
import type { QueueHost } from "../queue-host.ts";
import { Dispatch, type Pass } from "./dispatch.ts";
import { EndpointTable } from "./table.ts";

/** What a `Dispatcher` needs. */
export interface DispatcherOptions {
  host: QueueHost;
  redactor: Redactor;
}

/** Milliseconds between two passes at the least, however much happens. */
const INTERVAL = 100;
/** Milliseconds between two passes at the most, and between two looks whether an endpoint was made elsewhere. */
const POLL_INTERVAL = 1_000;
/** Milliseconds for which who was beaten leaves the feed to who was faster. */
const BEATEN_INTERVAL = 1_000;
/** Milliseconds that a pass has to end when the loop stops: the store may be away. */
const LAST_PASS = 5_000;

const WHAT = "tell webhooks";

/**
 * The loop that tells endpoints what happens. While none is enabled it reads one record a second, and nobody writes
 * the feed on its account.
 */
export class Dispatcher {
  readonly #options: DispatcherOptions;
  readonly #dispatch: Dispatch;
  readonly #outage: Outage;
  readonly #loop: Loop;
  readonly #stopped = new AbortController();
  readonly #began = Promise.withResolvers<void>();
  #table: EndpointTable | null = null;
  /** The pass under way, or the last one. */
  #pass: Promise<unknown> = Promise.resolve();
  #unwatch: () => void = () => {};
  #isIdle = true;
  #notBefore = -Infinity; // monotonic

  constructor(options: DispatcherOptions) {
    const { host, redactor } = options;
    const log: Log = host.log ?? logOf("webhooks");
    this.#options = options;
    this.#dispatch = new Dispatch({ host, log, redactor });
    this.#outage = new Outage({ log, onError: (error) => host.emit("error", error) });
    this.#loop = new Loop(host.clock, () => this.#loopOnce());
  }

  /** The endpoints in the store; opens the store, if it is not open yet. */
  async table(): Promise<EndpointTable> {
    const store = await this.#options.host.store(); // asked each time: a queue that was stopped says so
    return this.#table ??= new EndpointTable(store);
  }

  /** Begins. @returns Resolves once the first pass has ended, well or not. */
  async start(): Promise<void> {
    const { store } = await this.table();
    this.#unwatch = store.watch(({ kind }) => {
      if (!this.#isIdle && (kind === "feed" || kind === "jobs" || kind === "work")) this.#loop.wake();
    });
    this.#loop.start();
    await this.#began.promise;
  }

  /** Looks at once: an endpoint has changed. */
  wake(): void {
    this.#loop.wake();
  }

  /** Lets a pass under way end and begins no more. */
  async stop(): Promise<void> {
    this.#unwatch();
    this.#stopped.abort();
    this.#loop.close();
    const over = new AbortController();
    const ended = Promise.all([this.#loop.ended(), this.#pass]);
    await Promise.race([ended, this.#options.host.clock.sleep(LAST_PASS, over.signal)]);
    over.abort();
  }

  /** Tells of all there is, once; one pass at a time. @returns How many deliveries it added. */
  async runOnce(): Promise<number> {
    return (await this.#inTurn()).added;
  }

  #inTurn(): Promise<Pass> {
    const pass = this.#pass.then(async () => this.#dispatch.run(await this.table()));
    this.#pass = pass.catch(() => {});
    return pass;
  }

  async #loopOnce(): Promise<number> {
    const { clock } = this.#options.host;
    const early = this.#notBefore - clock.monotonic();
    if (early > 0) await clock.sleep(early, this.#stopped.signal);
    if (this.#stopped.signal.aborted) return 0;
    try {
      const { end } = await this.#inTurn();
      this.#outage.worked(WHAT);
      this.#isIdle = end === "idle";
      this.#notBefore = clock.monotonic() + (end === "beaten" ? BEATEN_INTERVAL : INTERVAL);
      return POLL_INTERVAL;
    } catch (error) {
      if (error instanceof ClosedError) this.#loop.close();
      return error instanceof ClosedError ? 0 : this.#outage.failed(WHAT, error);
    } finally {
      this.#began.resolve();
    }
  }
}
