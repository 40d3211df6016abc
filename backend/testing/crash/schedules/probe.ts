/**
 * Loaded into each process of a run before its main module (`probe.ts?schedules=COUNT&process=NAME&journal=FILE`):
 * declares the run's schedules, as the program's own code would. Notes in a journal, which outlives the process, from
 * when on it can fire (`declared MS`) and when its scheduler had started (`scheduling MS`).
 */
import { scheduler } from "../../../jobs.ts";
import { systemClock as clock } from "../../../lib/clock.ts";
import { Scheduler } from "../../../lib/scheduler.ts";
import { EXPRESSION, planSchedules } from "./plan.ts";

const { searchParams } = new URL(import.meta.url);
const journal = Deno.openSync(searchParams.get("journal") ?? "", { append: true, create: true });
const { start } = Scheduler.prototype;

note("declared");
for (const { name, missed } of planSchedules(Number(searchParams.get("schedules")))) {
  scheduler.schedule(name, EXPRESSION, () => null, { missed, overlap: "allow" });
}

Scheduler.prototype.start = async function () {
  await start.call(this);
  note("scheduling");
};

function note(what: string): void {
  journal.writeSync(new TextEncoder().encode(`${what} ${clock.now()}\n`));
}
