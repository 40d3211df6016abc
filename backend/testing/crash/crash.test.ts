import { assertEquals } from "@std/assert";
import { formatReport } from "./report.ts";
import { runCrash } from "./run.ts";

for (const processes of [1, 3]) {
  const fleet = processes === 1 ? "one process" : "three processes on one file";
  Deno.test(`No job is lost, stuck or wrongly charged over kills and restarts of ${fleet}`, async () => {
    const folder = await Deno.makeTempDir({ prefix: "cronosaur-crash-" });
    const options = { jobs: 600, kills: 8, processes, seed: 20_260_101 + processes, folder };
    try {
      const result = await runCrash(options);

      assertEquals(result.ledger.findings, [], formatReport(options, result));
      assertEquals(result.ledger.acknowledged, 600);
      assertEquals(result.ledger.completed + result.ledger.failed, 600);
      assertEquals(result.ledger.kills, 8);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}
