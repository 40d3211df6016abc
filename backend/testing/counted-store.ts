import { claim } from "../stores/conformance/harness.ts";
import { type Calls, countCalls, noCalls } from "../stores/kv/counting-kv.ts";
import { KvLab } from "../stores/kv/fixture.ts";
import type { KvStore } from "../stores/kv/store.ts";
import { makeJob, makeJobs } from "./factories.ts";
import { FakeClock } from "./fake-clock.ts";

/** A KV store that has just found nothing to claim, and what it asks of its first handle. */
export class CountedStore implements AsyncDisposable {
  private constructor(
    readonly store: KvStore,
    readonly lab: KvLab,
    readonly clock: FakeClock,
    readonly calls: Readonly<Calls>,
  ) {}

  static async open(): Promise<CountedStore> {
    const handles: Calls[] = [];
    const openKv = async (path: string) => {
      const calls = noCalls();
      handles.push(calls);
      return countCalls(await Deno.openKv(path), calls);
    };
    const clock = new FakeClock();
    const lab = new KvLab(clock, { openKv });
    const store = await lab.open();
    await store.insert([{ job: makeJob({ type: "other" }) }], clock.now()); // its queue is registered
    await claim(store, clock.now());
    const [calls = noCalls()] = handles;
    return new CountedStore(store, lab, clock, calls);
  }

  /** Adds so many jobs by one call. */
  async add(count: number): Promise<void> {
    await this.store.insert(makeJobs(count).map((job) => ({ job })), this.clock.now());
  }

  /** What `work` asks for. */
  async cost(work: () => Promise<unknown>): Promise<Calls> {
    const before = { ...this.calls };
    await work();
    const names = Object.keys(before) as (keyof Calls)[];
    return Object.fromEntries(
      names.map((name) => [name, this.calls[name] - before[name]]),
    ) as unknown as Calls;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.lab.dispose();
  }
}
