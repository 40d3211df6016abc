import { assertEquals } from "@std/assert";
import type { StoredJob } from "./judge.ts";
import { type Evidence, makeLedger } from "./ledger.ts";
import type { PlannedJob } from "./plan.ts";
import type { Delivery } from "./sink.ts";

function planned(id: string): PlannedJob {
  return { id, idempotencyKey: null, behaviour: { kind: "fast" }, options: {} };
}

function completed(id: string, overrides: Partial<StoredJob> = {}): StoredJob {
  return { id, status: "completed", attempt: 1, maxAttempts: 50, deaths: 0, errors: [], ...overrides };
}

const taken: Delivery = { process: "0.1", arrivedAt: 1_000, answeredAt: 1_001, status: 200 };

/** A faultless run of the jobs `a` and `b`, but for `changes`. */
function evidence(changes: Partial<Evidence> = {}): Evidence {
  return {
    acknowledged: new Map(["a", "b"].map((id) => [id, planned(id)])),
    deliveries: new Map(["a", "b"].map((id) => [id, [taken]])),
    kills: [],
    stored: [completed("a"), completed("b")],
    counted: { completed: 2, failed: 0, unfinished: 0 },
    concurrency: 1,
    ...changes,
  };
}

function kindsOf(changes: Partial<Evidence>): string[] {
  return makeLedger(evidence(changes)).findings.map(({ kind }) => kind);
}

Deno.test("makeLedger() of a faultless run has no findings", () => {
  assertEquals(makeLedger(evidence()), {
    acknowledged: 2,
    completed: 2,
    failed: 0,
    runTwice: 0,
    charged: 0,
    chargedUnseen: 0,
    longestUnsettled: 0,
    kills: 0,
    findings: [],
  });
});

Deno.test("makeLedger() finds a job that is gone from the store", () => {
  assertEquals(kindsOf({ stored: [completed("a")], counted: { completed: 1, failed: 0, unfinished: 0 } }), [
    "lost",
  ]);
});

Deno.test("makeLedger() finds jobs and deliveries that nobody asked for, and jobs that are there twice", () => {
  const counted = { completed: 3, failed: 0, unfinished: 0 };

  assertEquals(kindsOf({ stored: [completed("a"), completed("b"), completed("c")], counted }), ["unplanned"]);
  assertEquals(kindsOf({ stored: [completed("a"), completed("b"), completed("b")], counted }), ["unplanned"]);
  const deliveries = new Map(["a", "b", "c"].map((id) => [id, [taken]]));
  assertEquals(kindsOf({ deliveries }), ["unplanned"]);
});

Deno.test("makeLedger() finds counters that differ from the jobs", () => {
  assertEquals(kindsOf({ counted: { completed: 3, failed: 0, unfinished: 0 } }), ["miscounted"]);
  assertEquals(kindsOf({ counted: { completed: 1, failed: 1, unfinished: 1 } }), [
    "miscounted",
    "miscounted",
    "miscounted",
  ]);
});

Deno.test("makeLedger() finds a death that more jobs paid for than its process could run", () => {
  const error = { name: "ProcessDiedError", attempt: 1, at: new Date(1_200).toISOString(), message: "" };
  const stored = ["a", "b"].map((id) => completed(id, { attempt: 2, deaths: 1, errors: [error] }));
  const deliveries = new Map(["a", "b"].map((id) => [id, [{ ...taken, process: "0.2" }]]));
  const kills = [{ process: "0.1", at: 500, moment: "any" as const, underWay: new Set<string>() }];

  assertEquals(kindsOf({ stored, deliveries, kills }), ["wrongly charged"]);
  assertEquals(kindsOf({ stored, deliveries, kills, concurrency: 2 }), []);
});
