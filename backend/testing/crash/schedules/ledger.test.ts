import { assertEquals } from "@std/assert";
import type { TickJob } from "./judge.ts";
import { makeTickLedger } from "./ledger.ts";

Deno.test("makeTickLedger() judges each schedule by the jobs of its type", () => {
  const dueAt = new Date(Date.UTC(2030, 0, 1, 0, 0, 1)).toISOString();
  const due = Date.parse(dueAt);
  const job = (name: string): TickJob => ({
    id: `schedule:${name}@${dueAt}`,
    type: `schedule:${name}`,
    data: { schedule: name, dueAt },
    status: "completed",
    createdAt: due + 3,
    deaths: name === "a" ? 1 : 0,
  });
  const shown = (name: string) => ({
    createdAt: due - 500,
    state: "active" as const,
    lastTickAt: due,
    nextTickAt: due + 1_000,
    runCount: 1,
    runs: [{ dueAt: due, outcome: "completed" as const, jobId: job(name).id, triggered: false }],
    changes: [{ at: due - 500, by: null, what: "created" as const, before: null, after: null }],
  });
  const names = ["a", "b"];
  const evidence = {
    schedules: names.map((name) => ({ name, missed: "all" as const })),
    shown: new Map(names.map((name) => [name, shown(name)])),
    jobs: names.map(job),
    lives: [{ declaredAt: due - 900, schedulingAt: due - 400, endedAt: due + 1_500 }],
  };

  assertEquals(makeTickLedger(evidence), {
    ticks: 2,
    jobs: 2,
    missed: 0,
    repeated: 1,
    late: [3, 3],
    findings: [],
  });
  const { findings } = makeTickLedger({ ...evidence, jobs: [job("a"), job("a")] });
  assertEquals(findings.map(({ kind, subject }) => [kind, subject.slice(0, 12)]), [
    ["doubled", "schedule:a@2"],
    ["gone", "b at 00:00:0"],
    ["miscounted", "b"],
    ["misremembered", "b"],
  ]);
});
