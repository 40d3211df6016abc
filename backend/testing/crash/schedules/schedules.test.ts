import { assert, assertEquals } from "@std/assert";
import { formatTickReport } from "./report.ts";
import { runSchedules } from "./run.ts";

/** Of the second the plan has a time in which all processes are dead. */
const RUNS = [{ processes: 1, seed: 20_260_103 }, { processes: 3, seed: 20_260_110 }];

for (const { processes, seed } of RUNS) {
  const fleet = processes === 1 ? "one process" : "three processes on one file";
  Deno.test(`Each tick of a schedule has one job over kills and restarts of ${fleet}`, async () => {
    const folder = await Deno.makeTempDir({ prefix: "cronosaur-crash-" });
    const options = { schedules: 5, seconds: 3, kills: 3, processes, seed, folder };
    try {
      const result = await runSchedules(options);

      assertEquals(result.ledger.findings, [], formatTickReport(options, result));
      assert(result.kills.length >= 3);
      assert(result.ledger.ticks >= 5 * 3);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}
