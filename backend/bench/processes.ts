import { createJobs } from "../jobs.ts";
import { systemClock as clock } from "../lib/clock.ts";
import { serveLocally } from "../testing/local-server.ts";
import { Child } from "./child.ts";
import { quantile } from "./samples.ts";
import { COMMANDS, startService } from "./service.ts";
import { formatTable } from "./table.ts";

/** One promise of the service and how it was kept. Milliseconds. */
interface Kept {
  label: string;
  limit: number | null;
  value: number;
}

/** What a promise is measured in: a new folder, and `samples` times. */
type Measurement = (folder: string, samples: number) => Promise<Kept[]>;

/** Milliseconds between two jobs, so that each finds the service idle. */
const PAUSE = 60;
const PEER = new URL("./peer.ts", import.meta.url).pathname;
const CONFIG = new URL("./deno.json", import.meta.url).pathname;

/** What can be measured with processes of their own. */
const MEASUREMENTS: Readonly<Record<string, Measurement>> = {
  delivery,
  pickup,
  cancel,
  together,
  start,
};

export const PROCESS_MEASURES: readonly string[] = Object.keys(MEASUREMENTS);

/** Measures with real processes, each against its limit, and returns the table. */
export async function runProcesses(options: {
  only: readonly string[];
  samples: number;
  onProgress(line: string): void;
}): Promise<string> {
  const rows: string[][] = [];
  for (const name of options.only) {
    options.onProgress(name);
    const folder = await Deno.makeTempDir({ prefix: "cronosaur-bench-" });
    try {
      for (const kept of await MEASUREMENTS[name]?.(folder, options.samples) ?? []) rows.push(rowOf(kept));
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  }
  return formatTable(["", "ms", "limit", ""], rows);
}

function rowOf({ label, value, limit }: Kept): string[] {
  const verdict = limit === null ? "" : value <= limit ? "holds" : "exceeded";
  return [label, value.toFixed(value < 100 ? 1 : 0), limit === null ? "" : String(limit), verdict];
}

/** From a request that adds a webhook to the request at its receiver. */
async function delivery(folder: string, samples: number): Promise<Kept[]> {
  let arrived = () => {};
  await using sink = serveLocally(() => (arrived(), new Response()));
  await using service = await startService(folder, "deno");
  const times: number[] = [];
  for (let i = -5; i < samples; i++) {
    await clock.sleep(PAUSE);
    const arrival = Promise.withResolvers<void>();
    arrived = arrival.resolve;
    const began = clock.monotonic();
    const adding = service.add("webhook:send", { url: `${sink.origin}/`, body: { n: i } });
    await arrival.promise;
    if (i >= 0) times.push(clock.monotonic() - began);
    await adding;
  }
  return [
    { label: "added over HTTP to request at the receiver, median", limit: 15, value: quantile(times, 0.5) },
    { label: "the same, p95", limit: null, value: quantile(times, 0.95) },
  ];
}

/** From an add in this process to the handler's start in another. */
async function pickup(folder: string, samples: number): Promise<Kept[]> {
  const { peer, queue } = await beside(folder, 5);
  await using _peer = peer;
  await using _queue = queue;
  const times: number[] = [];
  for (let i = 0; i < samples; i++) {
    await clock.sleep(PAUSE);
    const began = clock.monotonic();
    const id = await queue.add("note", null);
    times.push(await peer.said(`started ${id}`) - began);
  }
  return [
    { label: "added by another process to start, p50", limit: null, value: quantile(times, 0.5) },
    { label: "the same, p95", limit: 100, value: quantile(times, 0.95) },
  ];
}

/** From a cancel in this process to the abort of the handler's signal in another. */
async function cancel(folder: string, samples: number): Promise<Kept[]> {
  const { peer, queue } = await beside(folder, 5);
  await using _peer = peer;
  await using _queue = queue;
  const times: number[] = [];
  for (let i = 0; i < samples; i++) {
    const id = await queue.add("hold", null);
    await peer.said(`started ${id}`);
    await clock.sleep(PAUSE);
    const began = clock.monotonic();
    await queue.cancel(id);
    times.push(await peer.said(`aborted ${id}`) - began);
  }
  return [
    { label: "cancelled by another process to abort, p95", limit: 1000, value: quantile(times, 0.95) },
  ];
}

/** 100 jobs of one second at concurrency 100. */
async function together(folder: string): Promise<Kept[]> {
  const { peer, queue } = await beside(folder, 100);
  await using _peer = peer;
  await using _queue = queue;
  const began = clock.monotonic();
  const ids = await queue.addMany(Array.from({ length: 100 }, () => ({ type: "nap", data: null })));
  const started = await Promise.all(ids.map((id) => peer.said(`started ${id}`)));
  const ended = await Promise.all(ids.map((id) => peer.said(`ended ${id}`)));
  return [
    {
      label: "100 jobs of 1 s, concurrency 100: all started",
      limit: 1000,
      value: Math.max(...started) - began,
    },
    { label: "the same, all ended", limit: null, value: Math.max(...ended) - began },
  ];
}

/** From the command to the first answer over HTTP. */
async function start(folder: string): Promise<Kept[]> {
  const kept: Kept[] = [];
  for (
    const [how, limit] of [["npx", { empty: 2000, warm: null }], ["deno", {
      empty: null,
      warm: 500,
    }]] as const
  ) {
    const { command, args } = COMMANDS[how];
    const text = [command === Deno.execPath() ? "deno" : command, ...args].join(" ");
    for (const state of ["empty", "warm"] as const) {
      const times: number[] = [];
      for (let i = 0; i < 3; i++) {
        await using service = await startService(`${folder}/${how}${state === "empty" ? i : 0}`, how);
        times.push(service.startTime);
      }
      kept.push({
        label: `${text}, ${state}: first answer`,
        limit: limit[state],
        value: quantile(times, 0.5),
      });
    }
  }
  return kept;
}

/** Another process on the store in `folder`, and a queue here that only adds. */
async function beside(folder: string, concurrency: number) {
  const store = `kv:${folder}/jobs.db`;
  const peer = new Child(["run", "-A", "--config", CONFIG, PEER, store, String(concurrency)]);
  await peer.said("ready ");
  const { queue } = createJobs({ store });
  await queue.ready();
  return { peer, queue };
}
