import { systemClock as clock } from "../lib/clock.ts";
import { median, quantile } from "./samples.ts";
import type { RunningService } from "./service.ts";

/** Adds a second. */
const RATE = 200;
/** Milliseconds in which nothing but adds goes on, and in which a bulk job does too. */
const SPELL = 10_000;
/** Milliseconds between two looks at a bulk job that is to end. */
const LOOK_EVERY = 100;

/** How long adds took, milliseconds, and how the bulk job got on meanwhile. */
export interface BulkRound {
  idle: number;
  during: number;
  changed: number;
}

/** What came of it: the 99th percentile of adds, by rounds and of their middle. */
export interface BulkResult {
  rounds: BulkRound[];
  /** The median of the rounds' own ratios. */
  ratio: number;
}

/** Adds jobs one by one at a fixed rate, by turns beside a bulk retry of all failed jobs and beside nothing. */
export async function measureBulk(service: RunningService, count: number): Promise<BulkResult> {
  await addFor(service, SPELL / 2); // the compiler is done with the code
  const rounds: BulkRound[] = [];
  for (let n = 0; n < count; n++) {
    const idle = await addFor(service, SPELL);
    const body = { action: "retry", filter: { status: "failed" } };
    const { id } = await (await service.ask("/api/admin/jobs/bulk", body)).json();
    const during = await addFor(service, SPELL);
    const changed = await stopped(service, id);
    rounds.push({ idle: quantile(idle, 0.99), during: quantile(during, 0.99), changed });
  }
  return { rounds, ratio: median(rounds.map(({ idle, during }) => during / idle)) };
}

/** Cancels the bulk job. @returns How many jobs it has changed. */
async function stopped(service: RunningService, id: string): Promise<number> {
  await service.ask("/api/admin/jobs/bulk", { action: "cancel", ids: [id] });
  for (;;) {
    const { status, progress } = await (await service.ask(`/api/admin/jobs/${id}`)).json();
    if (status === "cancelled") return parseInt(progress.note);
    if (status !== "running") throw new Error(`Cannot use the result: the bulk job has ${status}`);
    await clock.sleep(LOOK_EVERY);
  }
}

/** Adds jobs for `ms`, each at its time however long the others take. @returns How long each took. */
async function addFor(service: RunningService, ms: number): Promise<number[]> {
  const times: number[] = [];
  const adding: Promise<void>[] = [];
  const began = clock.monotonic();
  for (let n = 0; n < ms * RATE / 1000; n++) {
    await clock.sleep(began + n * 1000 / RATE - clock.monotonic());
    adding.push(addOnce());
  }
  await Promise.all(adding);
  return times;

  async function addOnce(): Promise<void> {
    const sent = clock.monotonic();
    await service.add("import", { to: "somebody" });
    times.push(clock.monotonic() - sent);
  }
}
