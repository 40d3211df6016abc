import { assertEquals } from "@std/assert";
import type { WholeJob } from "./job.ts";
import { linesOf, runsOf, stretchesOf } from "./job-life.ts";

const START = Date.parse("2026-01-01T00:00:00Z");
const at = (seconds: number) => new Date(START + seconds * 1000).toISOString();

function makeWhole(overrides: Partial<WholeJob>): WholeJob {
  return {
    status: "pending",
    attempt: 0,
    errors: [],
    createdAt: at(0),
    scheduledAt: at(0),
    startedAt: null,
    finishedAt: null,
    workerId: null,
    ...overrides,
  } as WholeJob;
}

const failure = (attempt: number, from: number, to: number) => {
  return { name: "Error", message: "no", attempt, at: at(to), startedAt: at(from), workerId: "w1" };
};

function told(overrides: Partial<WholeJob>, now = 100): string[] {
  return stretchesOf(makeWhole(overrides), START + now * 1000)
    .map(({ label, status, from, to }) =>
      `${label} ${status} ${(from - START) / 1000}-${(to - START) / 1000}`
    );
}

Deno.test("stretchesOf() tells the life of a job from one state to the next", () => {
  assertEquals(told({}, 5), ["Pending pending 0-5"]);
  assertEquals(told({ status: "scheduled", scheduledAt: at(50) }, 5), ["Scheduled scheduled 0-5"]);
  assertEquals(told({ status: "running", attempt: 1, scheduledAt: at(3), startedAt: at(4) }, 9), [
    "Scheduled scheduled 0-3",
    "Pending pending 3-4",
    "Attempt 1 running 4-9",
  ]);
  assertEquals(told({ status: "completed", attempt: 1, startedAt: at(1), finishedAt: at(2) }), [
    "Pending pending 0-1",
    "Attempt 1 completed 1-2",
  ]);
  assertEquals(told({ status: "cancelled", finishedAt: at(7) }), ["Pending pending 0-7"]);
});

Deno.test("stretchesOf() tells of each attempt, and of the waits between them", () => {
  const errors = [failure(1, 1, 3), failure(2, 13, 15)];

  assertEquals(
    told({
      status: "failed",
      attempt: 2,
      scheduledAt: at(12),
      startedAt: at(13),
      finishedAt: at(15),
      errors,
    }),
    ["Pending pending 0-1", "Attempt 1 failed 1-3", "Retrying retrying 3-12", "Pending pending 12-13"].concat(
      "Attempt 2 failed 13-15",
    ),
  );
  assertEquals(
    told({ status: "retrying", attempt: 2, scheduledAt: at(40), startedAt: at(13), errors }, 20).at(-1),
    "Retrying retrying 15-20",
  );
  assertEquals(
    told({
      status: "completed",
      attempt: 3,
      scheduledAt: at(20),
      startedAt: at(21),
      finishedAt: at(22),
      errors,
    })
      .slice(-3),
    ["Retrying retrying 15-20", "Pending pending 20-21", "Attempt 3 completed 21-22"],
  );
});

Deno.test("stretchesOf() knows of a job that was retried after its last attempt, and of what it has forgotten", () => {
  const errors = [failure(1, 1, 3), failure(1, 60, 62)];

  assertEquals(
    told({
      status: "failed",
      attempt: 1,
      scheduledAt: at(59),
      startedAt: at(60),
      finishedAt: at(62),
      errors,
    }),
    [
      "Pending pending 0-1",
      "Attempt 1 failed 1-3",
      "Until it was retried pending 3-59",
      "Pending pending 59-60",
      "Attempt 1 failed 60-62",
    ],
  );
  assertEquals(told({ status: "failed", attempt: 12, finishedAt: at(62), errors: [failure(12, 60, 62)] }), [
    "Attempts before retrying 0-60",
    "Attempt 12 failed 60-62",
  ]);
});

Deno.test("runsOf() tells the runs, the last one first, and linesOf() gives each its lines", () => {
  const errors = [failure(1, 1, 3), failure(1, 60, 62)];
  const job = makeWhole({ status: "running", attempt: 2, startedAt: at(70), workerId: "w2", errors });
  const runs = runsOf(job);
  const line = (attempt: number, seconds: number) => {
    return { attempt, at: at(seconds), level: "info" as const, message: `${seconds}` };
  };
  const lines = [line(1, 2), line(1, 61), line(2, 71)];

  assertEquals(runs.map(({ attempt, status, workerId }) => [attempt, status, workerId]), [
    [2, "running", "w2"],
    [1, "retrying", "w1"],
    [1, "retrying", "w1"],
  ]);
  assertEquals(runs.map((run) => linesOf(run, lines).map(({ message }) => message)), [["71"], ["61"], ["2"]]);
  const failed = makeWhole({ status: "failed", startedAt: at(60), finishedAt: at(62), errors });
  assertEquals(runsOf(failed).map(({ status }) => status), ["failed", "retrying"]);
  const completed = { ...job, status: "completed" as const, finishedAt: at(72) };
  assertEquals(runsOf(completed).map(({ status }) => status), ["completed", "retrying", "retrying"]);
  assertEquals(runsOf(makeWhole({ status: "cancelled", finishedAt: at(9) })), []);
});
