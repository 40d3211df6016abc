import type { RunningJob } from "../lib/job.ts";
import type { Store } from "../lib/store.ts";
import { makeJobs } from "./factories.ts";
import { FakeClock } from "./fake-clock.ts";
import { KvLab } from "../stores/kv/fixture.ts";
import { createKeys } from "../stores/kv/keys.ts";
import type { KvStoreOptions } from "../stores/kv/store.ts";

const DONE = { kind: "completed", result: null } as const;
const keys = createKeys("cronosaur");

/** A database, and eight jobs that one call adds to it. For tests. */
export async function setUp(options: Partial<KvStoreOptions> = {}) {
  const clock = new FakeClock();
  const lab = new KvLab(clock, options);
  const kv = await Deno.openKv(lab.path);
  const jobs = makeJobs(8, { data: { n: 1 } });
  const keysAt = async (prefix: Deno.KvKey) =>
    (await Array.fromAsync(kv.list({ prefix }))).map(({ key }) => key);
  return {
    clock,
    lab,
    kv,
    jobs,
    add: (store: Store) => store.insert(jobs.map((job) => ({ job })), clock.now()),
    complete: (store: Store, some: RunningJob[]) =>
      store.settle(some.map((job) => ({ job, outcome: DONE })), clock.now()),
    bundles: () => keysAt(keys.bundles()),
    records: () => keysAt(keys.jobs()),
    async [Symbol.asyncDispose]() {
      kv.close();
      await lab.dispose();
    },
  };
}
