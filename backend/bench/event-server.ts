/**
 * A process of its own that runs jobs, shows their events, and does on request what a benchmark wants: `/drain?jobs=N`
 * adds jobs and runs them, `/pace?jobs=N&rate=R` adds so many a second while they run. Both answer with a `Ran`.
 */
import { cpuUsage } from "node:process";
import { createJobs } from "../jobs.ts";
import { systemClock as clock } from "../lib/clock.ts";
import { IdSum } from "./id-sum.ts";

/** What was run, and how long that took. */
export interface Ran {
  ms: number;
  /** Milliseconds of processor time that this process took meanwhile: other programs do not count in it. */
  cpu: number;
  /** The sum of the ids of all jobs that completed. */
  sum: number;
}

const TYPE = "note";
/** Jobs added at once. */
const CHUNK = 5_000;
/** Milliseconds between two adds at a pace. */
const BEAT = 20;
/** Milliseconds in which what was added is told before it is run. */
const SETTLE = 2_000;

if (import.meta.main) await main(Deno.args[0] ?? "", Number(Deno.args[1]));

async function main(store: string, port: number): Promise<void> {
  const jobs = createJobs({ store, concurrency: 100, authorize: () => "viewer" });
  const { queue } = jobs;
  queue.process(TYPE, () => {});
  const app = jobs.routes();
  await queue.ready();

  async function add(count: number): Promise<string[]> {
    const ids: string[] = [];
    for (let left = count; left > 0; left -= CHUNK) {
      const some = Array.from({ length: Math.min(left, CHUNK) }, () => ({ type: TYPE, data: null }));
      ids.push(...await queue.addMany(some));
    }
    return ids;
  }

  async function drain(count: number): Promise<Ran> {
    const ids = await add(count);
    await clock.sleep(SETTLE);
    const began = clock.monotonic();
    const used = cpuUsage();
    await queue.drain();
    return { ms: clock.monotonic() - began, cpu: cpuSince(used), sum: IdSum.of(ids) };
  }

  async function pace(count: number, rate: number): Promise<Ran> {
    await queue.start();
    const sum = new IdSum();
    let done = 0;
    const all = Promise.withResolvers<void>();
    const forget = queue.on("completed", () => void (++done === count && all.resolve()));
    const began = clock.monotonic();
    const used = cpuUsage();
    const adding: Promise<void>[] = [];
    for (let added = 0; added < count;) {
      const due = Math.min(count, Math.ceil((clock.monotonic() - began) * rate / 1000));
      for (; added < due; added++) adding.push(queue.add(TYPE, null).then((id) => sum.add(id)));
      await clock.sleep(BEAT);
    }
    await Promise.all([...adding, all.promise]);
    forget();
    return { ms: clock.monotonic() - began, cpu: cpuSince(used), sum: sum.value };
  }

  Deno.serve({ hostname: "127.0.0.1", port, onListen: () => console.log("ready") }, async (request) => {
    const { pathname, searchParams } = new URL(request.url);
    const count = Number(searchParams.get("jobs"));
    if (pathname === "/drain") return Response.json(await drain(count));
    if (pathname === "/pace") return Response.json(await pace(count, Number(searchParams.get("rate"))));
    return await app.fetch(request);
  });
  Deno.addSignalListener("SIGTERM", () => void queue.stop().then(() => Deno.exit()));
}

function cpuSince(before: ReturnType<typeof cpuUsage>): number {
  const { user, system } = cpuUsage(before);
  return (user + system) / 1000;
}
