import { systemClock as clock } from "../lib/clock.ts";
import { quantile } from "./samples.ts";
import { PAUSE } from "./tasks-run.ts";
import type { Task } from "./tasks.ts";

/** What an idle queue on Deno KV cannot be faster than: a commit of one key after a pause, synced, with no queue. */
export const commitLatency: Task = async ({ createJobs }, { folder, effort }) => {
  if (createJobs === undefined) return null; // of the others each has a database of its own
  const kv = await Deno.openKv(`${folder}/bare.db`);
  const times: number[] = [];
  const value = new Uint8Array(200);
  try {
    for (let i = 0; i < effort.idle; i++) {
      await clock.sleep(PAUSE);
      const began = clock.monotonic();
      await kv.set(["bare"], value);
      times.push(clock.monotonic() - began);
    }
  } finally {
    kv.close();
  }
  return [{
    label: "one commit of one key after a pause, no queue, p50",
    unit: "ms",
    value: quantile(times, 0.5),
  }];
};
