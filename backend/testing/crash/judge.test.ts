import { assertEquals } from "@std/assert";
import type { Kill } from "./fleet.ts";
import { judgeJob, type StoredJob } from "./judge.ts";
import { runsOf } from "./runs.ts";
import type { Delivery } from "./sink.ts";

const T = 1_000_000;

function completed(overrides: Partial<StoredJob> = {}): StoredJob {
  return { id: "a", status: "completed", attempt: 1, maxAttempts: 50, deaths: 0, errors: [], ...overrides };
}

/** A kill in the middle of the job's request, or not. */
function kill(process: string, at: number, cutsOff = false): Kill {
  return { process, at, moment: "any", underWay: new Set(cutsOff ? ["a"] : []) };
}

function delivery(process: string, arrivedAt: number, answeredAt: number | null, status = 200): Delivery {
  return { process, arrivedAt, answeredAt, status };
}

function death(attempt: number, at: number) {
  return { name: "ProcessDiedError", attempt, at: new Date(at).toISOString(), message: "process died" };
}

function refusal(attempt: number, at: number) {
  return { name: "DeliveryError", attempt, at: new Date(at).toISOString(), message: "answered 500" };
}

function judge(stored: StoredJob | undefined, deliveries: Delivery[], kills: Kill[] = []) {
  const runs = runsOf(deliveries, new Map(kills.map((one) => [one.process, one])));
  return judgeJob({
    id: "a",
    stored,
    runs,
    kills,
    cutOffs: kills.filter(({ underWay }) => underWay.has("a")),
  });
}

function kindsOf(...given: Parameters<typeof judge>): string[] {
  return judge(...given).findings.map(({ kind }) => kind);
}

Deno.test("judgeJob() finds nothing in a job that ran once", () => {
  const account = judge(completed(), [delivery("0.1", T, T + 1)]);

  assertEquals(account, { status: "completed", repeats: 0, unsettled: 0, charges: [], findings: [] });
});

Deno.test("judgeJob() counts a job as lost that is gone, cancelled, or completed without its receiver", () => {
  assertEquals(kindsOf(undefined, [delivery("0.1", T, T)]), ["lost"]);
  assertEquals(kindsOf(completed({ status: "cancelled" }), []), ["lost"]);
  assertEquals(kindsOf(completed(), []), ["lost"]);
  assertEquals(kindsOf(completed(), [delivery("0.1", T, null)]), ["lost"]);
  const refused = completed({ errors: [], attempt: 1 });
  assertEquals(kindsOf(refused, [delivery("0.1", T, T, 500)]), ["lost"]);
  const paid = completed({ attempt: 2, deaths: 1, errors: [death(1, T + 200)] });
  assertEquals(kindsOf(paid, [delivery("0.1", T, T + 300)], [kill("0.1", T + 100)]), ["lost"]);
});

Deno.test("judgeJob() counts a job as stuck that has not finished", () => {
  for (const status of ["pending", "scheduled", "running", "retrying"]) {
    assertEquals(kindsOf(completed({ status }), [delivery("0.1", T, T)]), ["stuck"]);
  }
});

Deno.test("judgeJob() lets a job run again whose process was killed before it settled", () => {
  const runs = [delivery("0.1", T, T + 5), delivery("0.2", T + 900, T + 905)];

  const account = judge(completed(), runs, [kill("0.1", T + 105)]);

  assertEquals([account.repeats, account.unsettled, account.findings], [1, 100, []]);
});

Deno.test("judgeJob() finds a second run that no kill explains", () => {
  const twice = [delivery("0.1", T, T + 5), delivery("1.1", T + 900, T + 905)];

  assertEquals(kindsOf(completed(), twice), ["unexplained run"]);
  assertEquals(kindsOf(completed(), twice, [kill("2.1", T + 800)]), ["unexplained run"]); // another's death
  assertEquals(kindsOf(completed(), twice, [kill("0.1", T + 901)]), ["unexplained run"]); // it came after
  const late = [delivery("0.1", T, T + 5), delivery("1.1", T + 9_000, T + 9_005)];
  assertEquals(kindsOf(completed(), late, [kill("0.1", T + 8_000)]), ["unexplained run"]); // long since settled
  assertEquals(kindsOf(completed(), [delivery("", T, T)]), ["unexplained run"]);
});

Deno.test("judgeJob() takes a refusal of the sink as the reason of the next run", () => {
  const runs = [
    delivery("0.1", T, T, 500),
    delivery("0.1", T + 50, T + 50, 500),
    delivery("0.1", T + 99, T + 99),
  ];
  const errors = [refusal(1, T), refusal(2, T + 50)];

  assertEquals(judge(completed({ attempt: 3, errors }), runs).findings, []);
});

Deno.test("judgeJob() puts a request that was sent before the kill and seen after it first", () => {
  const runs = [delivery("1.1", T + 20, T + 20), delivery("0.1", T + 30, T + 30)];

  assertEquals(judge(completed(), runs, [kill("0.1", T + 10, true)]).findings.map(({ kind }) => kind), [
    "wrongly charged", // its first run was cut off and not paid
  ]);
});

Deno.test("judgeJob() wants a death charged that cut a run off, and no other", () => {
  const runs = [delivery("0.1", T, T + 300), delivery("0.2", T + 900, T + 950)];
  const kills = [kill("0.1", T + 100, true)];
  const charged = completed({ attempt: 2, deaths: 1, errors: [death(1, T + 700)] });

  const account = judge(charged, runs, kills);

  assertEquals(account.findings, []);
  assertEquals(account.charges, [{ at: T + 700, kill: kills[0]! }]);
  assertEquals(kindsOf(completed(), runs, kills), ["wrongly charged"]); // it did not pay
  assertEquals(kindsOf(charged, [delivery("0.1", T, T + 5)]), ["wrongly charged"]); // nobody was killed
  assertEquals(kindsOf(charged, runs, [kill("0.1", T + 700, true)]), []);
  assertEquals(kindsOf(charged, runs, [kill("0.1", T + 701)]), ["wrongly charged"]); // charged before the kill
});

Deno.test("judgeJob() accepts a death before the request arrived, and says that nobody saw it", () => {
  const stored = completed({ attempt: 2, deaths: 1, errors: [death(1, T + 700)] });

  const account = judge(stored, [delivery("0.2", T + 900, T + 950)], [kill("0.1", T + 100)]);

  assertEquals(account.findings, []);
  assertEquals(account.charges, [{ at: T + 700, kill: null }]);
});

Deno.test("judgeJob() wants one kill for each death, not long before it", () => {
  const twice = completed({ attempt: 3, deaths: 2, errors: [death(1, T + 200), death(2, T + 300)] });

  assertEquals(kindsOf(twice, [delivery("0.2", T + 900, T + 950)], [kill("0.1", T + 100)]), [
    "wrongly charged",
  ]);
  const once = completed({ attempt: 2, deaths: 1, errors: [death(1, T + 60_000)] });
  assertEquals(kindsOf(once, [delivery("0.2", T + 60_100, T + 60_100)], [kill("0.1", T)]), [
    "wrongly charged",
  ]);
});

Deno.test("judgeJob() charges a run that was cut off, not a refused one of the process killed last", () => {
  const runs = [
    delivery("1.1", T, T, 500),
    delivery("0.1", T + 100, T + 400),
    delivery("0.2", T + 900, T + 910),
  ];
  const kills = [kill("0.1", T + 200, true), kill("1.1", T + 2_000)];
  const stored = completed({ attempt: 3, deaths: 1, errors: [refusal(1, T), death(2, T + 2_100)] });

  assertEquals(judge(stored, runs, kills).charges, [{ at: T + 2_100, kill: kills[0]! }]);
});

Deno.test("judgeJob() finds attempts that nothing explains", () => {
  const runs = [delivery("0.1", T, T)];

  assertEquals(kindsOf(completed({ attempt: 2 }), runs), ["wrongly charged"]);
  assertEquals(kindsOf(completed({ deaths: 1 }), runs), ["wrongly charged"]);
  assertEquals(kindsOf(completed({ attempt: 2, errors: [refusal(1, T)] }), runs), ["wrongly charged"]);
});

Deno.test("judgeJob() takes a failed job as right only if its processes died at each attempt", () => {
  const kills = [kill("0.1", T + 10, true), kill("0.2", T + 510, true)];
  const runs = [delivery("0.1", T, T + 300), delivery("0.2", T + 500, T + 800)];
  const failed = completed({
    status: "failed",
    attempt: 2,
    maxAttempts: 2,
    deaths: 2,
    errors: [death(1, T + 400), death(2, T + 900)],
  });

  assertEquals(judge(failed, runs, kills).findings, []);
  assertEquals(kindsOf({ ...failed, maxAttempts: 3 }, runs, kills), ["wrongly failed"]);
  const refused = completed({ status: "failed", attempt: 1, maxAttempts: 1, errors: [refusal(1, T)] });
  assertEquals(kindsOf(refused, [delivery("0.1", T, T, 500)]), ["wrongly failed"]);
});
