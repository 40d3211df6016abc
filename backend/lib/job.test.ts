import { assertEquals, assertThrows } from "@std/assert";
import { makeJob } from "../testing/factories.ts";
import { START } from "../testing/fake-clock.ts";
import { InvalidStatusError } from "./errors.ts";
import {
  cancel,
  expire,
  FINAL_STATUSES,
  holdsUnique,
  isExpired,
  isFinal,
  isWaiting,
  type Job,
  JOB_STATUSES,
  type JobError,
  type Outcome,
  replace,
  rescue,
  retry,
  type RunningJob,
  settle,
  start,
  update,
} from "./job.ts";

const LATER = START + 60_000;

function makeRunning(overrides: Partial<Job> = {}): RunningJob {
  return start(makeJob(overrides), { workerId: "w", lease: "l", now: START + 1_000 });
}

/** `running` after its run: what every outcome has in common. */
function ended(running: RunningJob, changes: Partial<Job>): Job {
  const { lease: _, ...job } = running;
  return { ...job, workerId: null, updatedAt: LATER, ...changes };
}

function errorOf(attempt: number): JobError {
  return { name: "Error", message: `attempt ${attempt}`, attempt, at: START };
}

Deno.test("Every status is either waiting, running or final", () => {
  assertEquals(JOB_STATUSES.filter(isFinal), [...FINAL_STATUSES]);
  assertEquals(JOB_STATUSES.filter(isWaiting), ["pending", "scheduled", "retrying"]);
  assertEquals(JOB_STATUSES.filter((status) => !isFinal(status) && !isWaiting(status)), ["running"]);
});

Deno.test("start() begins the next attempt under the claim's worker and lease", () => {
  const job = makeJob({ attempt: 1 });

  assertEquals(start(job, { workerId: "w", lease: "l", now: LATER }), {
    ...job,
    status: "running",
    attempt: 2,
    startedAt: LATER,
    workerId: "w",
    lease: "l",
  });
});

Deno.test("settle() completes with the result", () => {
  const running = makeRunning();

  assertEquals(
    settle(running, { kind: "completed", result: { n: 1 } }, LATER),
    ended(running, { status: "completed", result: { n: 1 }, finishedAt: LATER }),
  );
});

Deno.test("settle() retries a failure while attempts are left, and fails for good after the last", () => {
  const error = errorOf(1);
  for (const [attempt, status] of [[0, "retrying"], [1, "retrying"], [2, "failed"]] as const) {
    const running = makeRunning({ attempt, maxAttempts: 3 });

    assertEquals(
      settle(running, { kind: "failed", error, retryAt: LATER + 5 }, LATER),
      status === "retrying"
        ? ended(running, { status, errors: [error], scheduledAt: LATER + 5 })
        : ended(running, { status, errors: [error], finishedAt: LATER }),
    );
  }
});

Deno.test("settle() fails for good at once when there is no time to retry at", () => {
  const running = makeRunning();

  assertEquals(
    settle(running, { kind: "failed", error: errorOf(1), retryAt: null }, LATER),
    ended(running, { status: "failed", errors: [errorOf(1)], finishedAt: LATER }),
  );
});

Deno.test("settle() keeps the errors of the last ten attempts", () => {
  const errors = Array.from({ length: 10 }, (_, i) => errorOf(i + 1));
  const running = makeRunning({ attempt: 10, maxAttempts: 20, errors });

  const failed = settle(running, { kind: "failed", error: errorOf(11), retryAt: LATER }, LATER);
  assertEquals(failed.errors, [...errors.slice(1), errorOf(11)]);
  const cancelled = settle(running, { kind: "cancelled", reason: "no" }, LATER);
  assertEquals(cancelled.errors.map(({ attempt }) => attempt), [2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
});

Deno.test("settle() cancels, with the reason among the errors if there is one", () => {
  const running = makeRunning();

  assertEquals(
    settle(running, { kind: "cancelled", reason: null }, LATER),
    ended(running, { status: "cancelled", finishedAt: LATER }),
  );
  const errors = [{ name: "CancelledError", message: "no user", attempt: 1, at: LATER }];
  assertEquals(
    settle(running, { kind: "cancelled", reason: "no user" }, LATER),
    ended(running, { status: "cancelled", finishedAt: LATER, errors }),
  );
});

Deno.test("settle() gives the attempt of a snoozed or released job back", () => {
  for (const attempt of [0, 2]) {
    const running = makeRunning({ attempt });

    assertEquals(
      settle(running, { kind: "snoozed", until: LATER + 5 }, LATER),
      ended(running, { status: "scheduled", attempt, scheduledAt: LATER + 5 }),
    );
    const released = settle(running, { kind: "released" }, LATER);
    assertEquals([released.status, released.attempt], ["pending", attempt]);
    assertEquals(released.scheduledAt, running.scheduledAt);
  }
});

Deno.test("settle() leaves a released job that never ran as if it had not been claimed", () => {
  const job = makeJob();

  const released = settle(start(job, { workerId: "w", lease: "l", now: START }), { kind: "released" }, LATER);

  assertEquals(released, { ...job, updatedAt: LATER });
});

Deno.test("settle() cancels a job that was asked to stop, whatever the outcome", () => {
  const running = makeRunning({ cancelRequestedAt: START });
  for (
    const outcome of [
      { kind: "completed", result: 1 },
      { kind: "failed", error: errorOf(1), retryAt: LATER },
      { kind: "cancelled", reason: "own reason" },
      { kind: "snoozed", until: LATER },
      { kind: "released" },
    ] as const
  ) {
    assertEquals(
      settle(running, outcome, LATER),
      ended(running, { status: "cancelled", finishedAt: LATER }),
    );
  }
});

Deno.test("rescue() gives a job back untouched whose handler had not started", () => {
  const running = makeRunning({ attempt: 2, maxAttempts: 3 });

  assertEquals(rescue(running, false, LATER), settle(running, { kind: "released" }, LATER));
});

Deno.test("rescue() charges a started job its attempt, and fails it at its last", () => {
  const first = rescue(makeRunning({ maxAttempts: 2 }), true, LATER);
  assertEquals([first.status, first.attempt, first.deaths, first.workerId], ["pending", 1, 1, null]);
  assertEquals(first.errors, [{
    name: "ProcessDiedError",
    message: "process died 1 time while running it",
    attempt: 1,
    at: LATER,
    startedAt: first.startedAt ?? undefined,
    workerId: "w",
  }]);

  const second = rescue(start(first, { workerId: "w", lease: "l", now: LATER }), true, LATER);
  assertEquals([second.status, second.attempt, second.deaths, second.finishedAt], ["failed", 2, 2, LATER]);
  assertEquals(second.errors[1]?.message, "process died 2 times while running it");
});

Deno.test("rescue() ends a job cancelled that was asked to stop, and charges no death", () => {
  for (const started of [false, true]) {
    const job = rescue(makeRunning({ cancelRequestedAt: START }), started, LATER);
    assertEquals([job.status, job.deaths, job.finishedAt], ["cancelled", 0, LATER]);
  }
});

Deno.test("cancel() ends a waiting job and asks a running one", () => {
  for (const status of ["pending", "scheduled", "retrying"] as const) {
    const job = makeJob({ status });
    assertEquals(cancel(job, LATER), {
      ...job,
      status: "cancelled",
      cancelRequestedAt: LATER,
      finishedAt: LATER,
      updatedAt: LATER,
    });
  }
  const running = makeRunning();
  const asked = cancel(running, LATER);
  assertEquals(asked, { ...running, cancelRequestedAt: LATER, updatedAt: LATER });
  assertEquals(cancel(asked, LATER + 1), asked);
});

Deno.test("expire() cancels a job with the reason among its errors", () => {
  const expired = expire(makeJob({ expiresAt: START }), LATER);

  assertEquals([expired.status, expired.finishedAt, expired.cancelRequestedAt], ["cancelled", LATER, null]);
  assertEquals(expired.errors, [
    { name: "ExpiredError", message: "expired before it started", attempt: 0, at: LATER },
  ]);
});

Deno.test("isExpired() is true from the moment on", () => {
  assertEquals(isExpired(makeJob({ expiresAt: LATER }), LATER - 1), false);
  assertEquals(isExpired(makeJob({ expiresAt: LATER }), LATER), true);
  assertEquals(isExpired(makeJob(), LATER), false);
});

Deno.test("settle() takes the time to start from a job that has run, and leaves it to one given back", () => {
  const running = start(makeJob({ expiresAt: LATER }), { workerId: "w", lease: "l", now: START });
  const error = errorOf(1);
  const ended: [Outcome, number | null][] = [
    [{ kind: "snoozed", until: LATER }, null],
    [{ kind: "failed", error, retryAt: LATER }, null],
    [{ kind: "released" }, LATER],
  ];
  for (const [outcome, expiresAt] of ended) {
    assertEquals(settle(running, outcome, START).expiresAt, expiresAt);
  }
});

Deno.test("retry() makes a finished job pending with all its attempts, and keeps its errors", () => {
  for (const status of FINAL_STATUSES) {
    const fresh = makeJob({ errors: [errorOf(3)], unique: { key: "k", until: null }, keepFor: 5 });
    const job: Job = {
      ...fresh,
      status,
      attempt: 3,
      deaths: 1,
      result: 1,
      progress: { percent: 1, note: null, at: START },
      startedAt: START,
      finishedAt: START,
      expiresAt: START,
      cancelRequestedAt: START,
    };

    assertEquals(retry(job, LATER), { ...fresh, scheduledAt: LATER, updatedAt: LATER });
  }
});

Deno.test("update() moves a waiting job between pending and scheduled by its due time", () => {
  for (
    const [status, scheduledAt, becomes] of [
      ["pending", LATER, "pending"],
      ["pending", LATER + 1, "scheduled"],
      ["scheduled", LATER, "pending"],
      ["scheduled", LATER + 1, "scheduled"],
      ["retrying", LATER - 1, "pending"],
      ["retrying", LATER + 1, "retrying"],
    ] as const
  ) {
    const job = makeJob({ status, priority: 3 });
    assertEquals(update(job, { scheduledAt }, LATER), {
      ...job,
      scheduledAt,
      status: becomes,
      updatedAt: LATER,
    });
  }
});

Deno.test("update() of the priority alone leaves the due time and status", () => {
  for (const status of ["pending", "scheduled", "retrying"] as const) {
    const job = makeJob({ status, scheduledAt: LATER + 5 });
    assertEquals(update(job, { priority: -7 }, LATER), { ...job, priority: -7, updatedAt: LATER });
  }
});

Deno.test("cancel(), retry() and update() refuse a status they do not allow, naming verb, job and status", () => {
  const verbs = {
    cancel: [(job: Job) => cancel(job, LATER), FINAL_STATUSES],
    retry: [(job: Job) => retry(job, LATER), ["pending", "scheduled", "running", "retrying"]],
    update: [(job: Job) => update(job, {}, LATER), ["running", ...FINAL_STATUSES]],
  } as const;
  for (const [verb, [transition, statuses]] of Object.entries(verbs)) {
    for (const status of statuses) {
      const job = makeJob({ id: "a", status });
      const message = `Cannot ${verb} job "a": it is ${status}`;
      assertThrows(() => transition(job), InvalidStatusError, message);
    }
  }
});

Deno.test("replace() keeps the holder's id, seq and time of adding, and nothing else", () => {
  const holder = makeJob({ id: "a", data: "old", attempt: 2, errors: [errorOf(1)], status: "retrying" });
  const fresh = makeJob({ id: "b", data: "new", createdAt: LATER });

  assertEquals(replace(holder, fresh), { ...fresh, id: "a", seq: holder.seq, createdAt: START });
});

Deno.test("holdsUnique() counts until the job finishes, or until its time", () => {
  for (const status of JOB_STATUSES) {
    const active = makeJob({ status, unique: { key: "k", until: null } });
    assertEquals(holdsUnique(active, LATER), !isFinal(status));
    const timed = makeJob({ status, unique: { key: "k", until: LATER } });
    assertEquals([holdsUnique(timed, LATER - 1), holdsUnique(timed, LATER)], [true, false]);
    assertEquals(holdsUnique(makeJob({ status }), LATER), false);
  }
});

Deno.test("No transition changes the job it is given", () => {
  const freeze = <T extends Job>(job: T): T =>
    Object.freeze({ ...job, errors: Object.freeze([...job.errors]) });
  const running = freeze(makeRunning({ errors: [errorOf(1)] }));
  const waiting = freeze(makeJob({ errors: [errorOf(1)] }));
  const finished = freeze(makeJob({ status: "failed", errors: [errorOf(1)] }));

  start(waiting, { workerId: "w", lease: "l", now: LATER });
  settle(running, { kind: "failed", error: errorOf(2), retryAt: LATER }, LATER);
  settle(running, { kind: "cancelled", reason: "no" }, LATER);
  rescue(running, true, LATER);
  cancel(waiting, LATER);
  expire(waiting, LATER);
  update(waiting, { priority: 1 }, LATER);
  replace(waiting, finished);
  assertEquals(retry(finished, LATER).errors, finished.errors);
});
