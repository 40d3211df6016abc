import { assertEquals } from "@std/assert";
import type { WorkerInfo } from "../lib/store.ts";
import { makeJob, makePause, makeReport } from "../testing/factories.ts";
import { START } from "../testing/fake-clock.ts";
import { viewListed, viewWhole } from "./job-view.ts";
import { createRedactor } from "../lib/redact.ts";

const redactor = createRedactor();

function worker(overrides: Partial<WorkerInfo> = {}): WorkerInfo {
  return {
    ...makeReport({ concurrency: 2 }),
    id: "w1",
    heartbeatAt: START,
    alive: true,
    jobs: [],
    ...overrides,
  };
}

function whole(job: Parameters<typeof makeJob>[0], around: Partial<Parameters<typeof viewWhole>[2]> = {}) {
  return viewWhole(makeJob(job), redactor, {
    now: START,
    queues: [],
    workers: [worker()],
    ahead: null,
    ...around,
  });
}

function reasons(...args: Parameters<typeof whole>): string[] {
  return whole(...args).waitsFor.map(({ reason }) => reason);
}

Deno.test("viewWhole() says why a job waits, each reason that holds", () => {
  const paused = [{ name: "default", paused: true }, { name: "other", paused: false }];

  assertEquals(reasons({}), ["next_claim"]);
  assertEquals(reasons({}, { queues: paused }), ["queue_paused"]);
  assertEquals(reasons({ queue: "other" }, { queues: paused }), ["next_claim"]);
  assertEquals(reasons({ status: "scheduled", scheduledAt: START + 1 }), ["due_time"]);
  assertEquals(reasons({ status: "scheduled", scheduledAt: START }), ["next_claim"]);
  assertEquals(reasons({ status: "retrying", scheduledAt: START + 1, attempt: 1 }), ["retry_time"]);
  assertEquals(reasons({}, { workers: [] }), ["no_worker"]);
  assertEquals(reasons({ type: "other" }), ["no_worker"]);
  assertEquals(reasons({}, { workers: [worker({ alive: false })] }), ["no_worker"]);
  assertEquals(reasons({}, { workers: [worker({ status: "draining" })] }), ["no_worker"]);
  assertEquals(reasons({}, { workers: [worker({ jobs: ["a", "b"] })] }), ["busy_workers"]);
  assertEquals(reasons({}, { workers: [worker({ jobs: ["a", "b"] }), worker({ id: "w2" })] }), [
    "next_claim",
  ]);
  assertEquals(reasons({ status: "scheduled", scheduledAt: START + 1 }, { queues: paused, workers: [] }), [
    "due_time",
    "queue_paused",
    "no_worker",
  ]);
  for (const status of ["running", "completed", "failed", "cancelled"] as const) {
    assertEquals(reasons({ status }, { queues: paused, workers: [] }), []);
  }
  assertEquals(whole({ status: "retrying", scheduledAt: START + 1000, attempt: 2 }).waitsFor, [{
    reason: "retry_time",
    message: "Attempt 2 failed; the next one is due later",
    until: "2026-01-01T00:00:01.000Z",
  }]);
});

Deno.test("viewWhole() says who paused the queue of a job that waits, when and why, without secrets", () => {
  const pause = makePause({ by: "ada", note: "ACME is down, token=hunter2" });
  const queues = [{ name: "other", paused: false }, { name: "default", paused: true, pause }];

  assertEquals(whole({}, { queues }).waitsFor, [{
    reason: "queue_paused",
    message: 'Queue "default" is paused',
    pause: { at: "2026-01-01T00:00:00.000Z", by: "ada", note: "ACME is down, token=[redacted]" },
  }]);
});

Deno.test("viewWhole() says how many are before a job that only waits its turn", () => {
  const ahead = { jobs: 3, isMore: false };
  const told = (around: Parameters<typeof whole>[1]) => whole({}, around).waitsFor.map(({ ahead }) => ahead);

  assertEquals(told({ ahead }), [ahead]);
  assertEquals(told({ ahead, workers: [worker({ jobs: ["a", "b"] })] }), [ahead]);
  assertEquals(told({ ahead, queues: [{ name: "default", paused: true }] }), [undefined]);
  assertEquals(told({}), [undefined]);
});

Deno.test("viewWhole() names the failures of the same cause", () => {
  const of = (message: string) =>
    whole({ errors: [{ name: "Error", message, attempt: 1, at: START }] }).fingerprint;

  assertEquals(of("No user 17"), of("No user 18"));
  assertEquals(of("No user 17") === of("No order 17"), false);
  assertEquals(whole({}).fingerprint, null);
});

Deno.test("viewWhole() estimates the end of a running job from its progress", () => {
  const running = { status: "running", startedAt: START } as const;
  const at = (ms: number, percent: number) => ({ percent, note: null, at: START + ms });
  const estimate = (job: Parameters<typeof makeJob>[0], now = START) => whole(job, { now }).estimatedFinishAt;

  assertEquals(estimate({ ...running, progress: at(10_000, 25) }), "2026-01-01T00:00:40.000Z");
  assertEquals(
    estimate({ ...running, progress: at(10_000, 25) }, START + 50_000),
    "2026-01-01T00:00:50.000Z",
  );
  assertEquals(estimate({ ...running, progress: at(10_000, 0) }), null);
  assertEquals(estimate({ ...running, progress: at(-1, 25) }), null); // said by an earlier attempt
  assertEquals(estimate({ ...running, progress: null }), null);
  assertEquals(estimate({ status: "completed", startedAt: START, progress: at(10, 25) }), null);
});

Deno.test("viewWhole() tells what happened to a job, oldest first", () => {
  const { timeline } = whole({
    status: "failed",
    attempt: 2,
    scheduledAt: START + 3000,
    startedAt: START + 3001,
    finishedAt: START + 5000,
    progress: { percent: 50, note: "token=hunter2", at: START + 4000 },
    errors: [
      { name: "Error", message: "password=hunter2", attempt: 1, at: START + 1000 },
      { name: "Error", message: "no", attempt: 2, at: START + 5000 },
    ],
  });

  assertEquals(timeline.map(({ at, event, message }) => [at.slice(17, -1), event, message]), [
    ["00.000", "added", undefined],
    ["01.000", "error", "Attempt 1: password=[redacted]"],
    ["03.000", "due", undefined],
    ["03.001", "started", "Attempt 2"],
    ["04.000", "progress", "50 %: token=[redacted]"],
    ["05.000", "error", "Attempt 2: no"],
    ["05.000", "failed", undefined],
  ]);
});

Deno.test("viewListed() leaves out what is too long, each field for itself", () => {
  const long = "x".repeat(30_000);

  const both = viewListed(makeJob({ data: long, result: [long] }), redactor);
  assertEquals([both.data, both.result, both.omitted], [null, null, ["data", "result"]]);
  const one = viewListed(makeJob({ data: 1, result: long }), redactor);
  assertEquals([one.data, one.result, one.omitted], [1, null, ["result"]]);
  assertEquals(viewListed(makeJob({ data: 1 }), redactor).omitted, undefined);
});
