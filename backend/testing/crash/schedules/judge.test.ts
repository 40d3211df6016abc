import { assertEquals } from "@std/assert";
import type { MissedPolicy } from "../../../lib/schedule/definition.ts";
import type { ScheduleRun } from "../../../lib/schedule/view.ts";
import { judgeSchedule, type ShownSchedule, type TickJob } from "./judge.ts";
import type { Life } from "./lives.ts";

const T = Date.UTC(2030, 0, 1);
/** When the schedule was made: its first tick is at second 1. */
const MADE = T + 400;

/** A scheduler that ran from second 0 to shortly after the last tick that it had to fire. */
function alive(from: number, last: number): Life {
  return {
    declaredAt: T + from * 1_000,
    schedulingAt: T + from * 1_000 + 400,
    endedAt: T + last * 1_000 + 1_500,
  };
}

function job(second: number, overrides: Partial<TickJob> = {}): TickJob {
  const dueAt = new Date(T + second * 1_000).toISOString();
  return {
    id: `schedule:a@${dueAt}`,
    type: "schedule:a",
    data: { schedule: "a", dueAt },
    status: "completed",
    createdAt: T + second * 1_000 + 5,
    deaths: 0,
    ...overrides,
  };
}

function jobs(...seconds: number[]): TickJob[] {
  return seconds.map((second) => job(second));
}

function run(second: number, overrides: Partial<ScheduleRun> = {}): ScheduleRun {
  return {
    dueAt: T + second * 1_000,
    outcome: "completed",
    jobId: job(second).id,
    triggered: false,
    ...overrides,
  };
}

function missedRun(second: number): ScheduleRun {
  return run(second, { outcome: "missed", jobId: null });
}

/** What the schedule says of itself if the jobs of `seconds` are all there are. */
function shown(seconds: readonly number[], overrides: Partial<ShownSchedule> = {}): ShownSchedule {
  const last = seconds.length === 0 ? null : T + Math.max(...seconds) * 1_000;
  return {
    createdAt: MADE,
    state: "active",
    lastTickAt: last,
    nextTickAt: last === null ? null : last + 1_000,
    runCount: seconds.length,
    runs: seconds.map((second) => run(second)).reverse(),
    changes: [{ at: MADE, by: null, what: "created", before: null, after: null }],
    ...overrides,
  };
}

interface Given {
  missed?: MissedPolicy;
  jobs: TickJob[];
  shown?: ShownSchedule;
  lives?: Life[];
}

function judge({ missed = "all", jobs, lives = [alive(0, 4)], ...rest }: Given) {
  const known = rest.shown ?? shown([1, 2, 3, 4]);
  return judgeSchedule({ name: "a", missed, shown: known, jobs, lives });
}

function kindsOf(given: Given): string[] {
  return judge(given).findings.map(({ kind }) => kind);
}

const ALL = [1, 2, 3, 4];

Deno.test("judgeSchedule() finds nothing wrong with one job for each second", () => {
  for (const missed of ["all", "once", "skip"] as const) {
    assertEquals(judge({ missed, jobs: jobs(...ALL) }), {
      ticks: 4,
      missed: 0,
      late: [5, 5, 5, 5],
      findings: [],
    });
  }
});

Deno.test("judgeSchedule() finds a schedule that is gone, and one that fired nothing", () => {
  assertEquals(
    judgeSchedule({ name: "a", missed: "all", shown: undefined, jobs: [], lives: [] }).findings.map((
      { kind },
    ) => kind),
    ["gone"],
  );
  assertEquals(kindsOf({ jobs: [], shown: shown([]) }), ["gone", "gone", "gone", "gone"]);
});

Deno.test("judgeSchedule() finds each gap while a scheduler ran, whatever the policy", () => {
  for (const missed of ["all", "once", "skip"] as const) {
    for (const gap of ALL) {
      const left = ALL.filter((second) => second !== gap);
      const record = shown(left, { lastTickAt: T + 4_000, nextTickAt: T + 5_000 });
      assertEquals(kindsOf({ missed, jobs: jobs(...left), shown: record }), ["gone"], `${missed} ${gap}`);
    }
  }
});

Deno.test("judgeSchedule() lets a gap go only where no scheduler ran, and only of those that do not want all", () => {
  const lives = [alive(0, 1), alive(4, 6)]; // nobody had to fire seconds 3 and 4
  const left = [1, 2, 5, 6];
  const given = { jobs: jobs(...left), shown: shown(left), lives };

  assertEquals(kindsOf({ missed: "all", ...given }), ["gone", "gone"]);
  for (const missed of ["once", "skip"] as const) {
    const account = judge({ missed, ...given });
    assertEquals([account.findings, account.missed, account.ticks], [[], 2, 6]);
  }
});

Deno.test("judgeSchedule() wants the ticks before one that fired, also if no scheduler had to fire that", () => {
  const lives = [{ ...alive(0, 1), endedAt: T + 3_400 }];

  assertEquals(kindsOf({ jobs: jobs(1, 3), shown: shown([1, 3]), lives }), ["gone"]);
  assertEquals(kindsOf({ jobs: jobs(1, 2), shown: shown([1, 2]), lives }), []);
});

Deno.test("judgeSchedule() finds two jobs of one tick, by their ids and by when they were due", () => {
  assertEquals(kindsOf({ jobs: jobs(1, 2, 2, 3, 4) }), ["doubled"]);
  const { data } = job(2);
  assertEquals(kindsOf({ jobs: [...jobs(...ALL), job(2, { id: "schedule:a@other", data })] }), ["stray"]);
});

Deno.test("judgeSchedule() finds jobs of no tick", () => {
  const others = [
    job(0), // it was due before the schedule was made
    job(2.5),
    job(5, { createdAt: T + 4_999 }), // added before it was due
    job(3, { id: `${job(3).id}-0123abcd` }), // as a person would start it
    job(3, { data: { schedule: "b", dueAt: new Date(T + 3_000).toISOString() } }),
    job(3, { data: {} }),
  ];
  for (const other of others) {
    assertEquals(kindsOf({ jobs: [...jobs(...ALL), other] }), ["stray"], JSON.stringify(other));
  }
});

Deno.test("judgeSchedule() finds a job that did not run", () => {
  for (const status of ["pending", "running", "retrying", "failed", "cancelled"] as const) {
    const given = [...jobs(1, 2, 3), job(4, { status })];
    const runs = [run(4, { outcome: status }), run(3), run(2), run(1)];
    assertEquals(kindsOf({ jobs: given, shown: shown(ALL, { runs }) }), ["not run"]);
  }
});

Deno.test("judgeSchedule() finds ticks that were made up for although the policy says no", () => {
  const lives = [alive(0, 1), alive(9, 10)]; // nobody from second 4 to 7
  const few = [1, 2, 7, 9, 10];
  const many = [1, 2, 6, 7, 9, 10];
  const whole = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
  const kinds = (missed: MissedPolicy, seconds: number[]) =>
    kindsOf({ missed, jobs: jobs(...seconds), shown: shown(seconds), lives });

  assertEquals(kinds("skip", few), ["made up"]);
  assertEquals(kinds("once", few), []);
  assertEquals(kinds("once", many), ["made up"]);
  assertEquals(kinds("all", whole), []);
});

Deno.test("judgeSchedule() finds a count that differs from the jobs", () => {
  assertEquals(kindsOf({ jobs: jobs(...ALL), shown: shown(ALL, { runCount: 5 }) }), ["miscounted"]);
});

Deno.test("judgeSchedule() finds runs that are not those of the jobs", () => {
  const [first, ...others] = shown(ALL).runs;
  const wrong: ScheduleRun[][] = [
    others, // the newest is forgotten
    [run(5), first!, ...others], // there is no such job
    [first!, first!, ...others],
    [...others, first!],
    [missedRun(4), ...others],
    [run(4, { outcome: "removed" }), ...others],
    [run(4, { jobId: "other" }), ...others],
  ];
  for (const runs of wrong) {
    const kinds = new Set(kindsOf({ jobs: jobs(...ALL), shown: shown(ALL, { runs }) }));
    assertEquals(kinds, new Set(["misremembered"]), JSON.stringify(runs));
  }
});

Deno.test("judgeSchedule() accepts that old runs are forgotten, and that missed ticks are shown", () => {
  const seconds = Array.from({ length: 60 }, (_, i) => i + 1);
  const lives = [alive(0, 60)];
  const runs = shown(seconds).runs;

  assertEquals(
    kindsOf({ jobs: jobs(...seconds), shown: shown(seconds, { runs: runs.slice(0, 50) }), lives }),
    [],
  );
  assertEquals(
    new Set(kindsOf({ jobs: jobs(...seconds), shown: shown(seconds, { runs: runs.slice(0, 49) }), lives })),
    new Set(["misremembered"]),
  );
  const left = [1, 2, 5, 6];
  const withMissed = [run(6), run(5), missedRun(4), missedRun(3), run(2), run(1)];
  assertEquals(
    kindsOf({
      missed: "skip",
      jobs: jobs(...left),
      shown: shown(left, { runs: withMissed }),
      lives: [alive(0, 1), alive(4, 6)],
    }),
    [],
  );
});

Deno.test("judgeSchedule() finds a schedule that is not what it should be", () => {
  const [created] = shown(ALL).changes;
  const wrong: Partial<ShownSchedule>[] = [
    { state: "not in code" },
    { changes: [{ ...created!, what: "declared" }, created!] },
    { lastTickAt: T + 3_000, nextTickAt: T + 4_000 },
    { nextTickAt: T + 6_000 },
    { nextTickAt: null },
  ];
  for (const overrides of wrong) {
    assertEquals(
      kindsOf({ jobs: jobs(...ALL), shown: shown(ALL, overrides) }),
      ["misremembered"],
      JSON.stringify(overrides),
    );
  }
  const anew = shown([2, 3, 4], { createdAt: T + 1_500 });
  assertEquals(kindsOf({ jobs: jobs(2, 3, 4), shown: anew }), ["misremembered"]);
});
