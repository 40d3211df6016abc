import { systemClock as clock } from "../lib/clock.ts";
import type { RunningService } from "./service.ts";
import { timed } from "./tasks.ts";

const EXPORT = "/api/admin/jobs/export";
/** What a slow reader takes, in bytes a second, and for how many seconds. */
const SLOW = { rate: 100_000, seconds: 20 };
const MEGABYTE = 1024;

/** Resident memory of a process in MB, as Linux tells it. */
interface Memory {
  now: number;
  /** The most since the last call. */
  peak: number;
  /** Of `now`: what it made itself, and pages of files, the program's own above all. */
  anonymous: number;
  files: number;
}

/** One step of the measurement, and the memory of the service in it. */
export interface Step extends Memory {
  label: string;
}

/** Exports all jobs in each format, then reads slowly. Needs /proc: on other systems nothing is measured. */
export async function measureExport(service: RunningService, count: number): Promise<Step[]> {
  if (Deno.build.os !== "linux") return [];
  const pid = await service.pid();
  const steps: Step[] = [{ label: "idle", ...await memoryOf(pid) }];
  for (let i = 0; i < 20; i++) await (await service.ask("/api/admin/jobs?limit=200")).arrayBuffer();
  steps.push({ label: "after 20 pages of 200 jobs", ...await memoryOf(pid) });
  for (const format of ["ndjson", "csv"]) {
    let lines = 0;
    const ms = await timed(async () => {
      const { body } = await service.ask(`${EXPORT}?format=${format}`);
      for await (const chunk of body ?? []) for (const byte of chunk) if (byte === 10) lines++;
    });
    const expected = format === "csv" ? count + 1 : count;
    if (lines !== expected) throw new Error(`Cannot use the result: ${lines} lines for ${expected} jobs`);
    steps.push({ label: `all as ${format}, ${Math.round(ms / 1000)} s`, ...await memoryOf(pid) });
  }
  await readSlowly(service);
  steps.push({ label: `a reader of ${SLOW.rate / 1000} KB/s, ${SLOW.seconds} s`, ...await memoryOf(pid) });
  return steps;
}

async function readSlowly(service: RunningService): Promise<void> {
  const { body } = await service.ask(EXPORT);
  const began = clock.monotonic();
  let taken = 0;
  for await (const { length } of body ?? []) {
    taken += length;
    await clock.sleep(taken * 1000 / SLOW.rate - (clock.monotonic() - began));
    if (taken > SLOW.rate * SLOW.seconds) break; // which cancels the rest
  }
}

async function memoryOf(pid: number): Promise<Memory> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  const field = (name: string) =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status)?.[1]) / MEGABYTE;
  await Deno.writeTextFile(`/proc/${pid}/clear_refs`, "5"); // begins the peak anew
  return {
    now: field("VmRSS"),
    peak: field("VmHWM"),
    anonymous: field("RssAnon"),
    files: field("RssFile") + field("RssShmem"),
  };
}
