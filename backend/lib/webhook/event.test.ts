import { assert, assertEquals } from "@std/assert";
import { START } from "../../testing/fake-clock.ts";
import { makeJob } from "../../testing/factories.ts";
import { changedJob, type JobChange } from "../job-change.ts";
import type { Job } from "../job.ts";
import { createRedactor } from "../redact.ts";
import { eventBody, eventId } from "./event.ts";

const redactor = createRedactor();

function completed(overrides: Partial<Job> = {}): { job: Job; change: JobChange } {
  const job = makeJob({
    status: "completed",
    attempt: 1,
    startedAt: START + 1,
    finishedAt: START + 2,
    ...overrides,
  });
  return { job, change: { event: "completed", at: START + 2, job: changedJob(job) } };
}

Deno.test("eventBody() tells of a job as it was, in the form of Standard Webhooks", () => {
  const error = { name: "Error", message: "no", stack: "at secret.ts", attempt: 1, at: START + 1 };
  const { job, change } = completed({
    id: "a",
    type: "mail:send",
    data: { to: "ada" },
    result: { sent: 1 },
    tags: ["x"],
    errors: [error, { ...error, at: START + 3 }],
    createdBy: "billing",
  });

  const later = { ...job, tags: ["y"], priority: 9 };
  assertEquals(eventBody("job.completed", change, later, redactor), {
    type: "job.completed",
    timestamp: "2026-01-01T00:00:00.002Z",
    data: {
      job: {
        id: "a",
        type: "mail:send",
        queue: "default",
        status: "completed",
        priority: 0,
        tags: ["x"],
        attempt: 1,
        maxAttempts: 3,
        progress: null,
        data: { to: "ada" },
        result: { sent: 1 },
        errors: [{ name: "Error", message: "no", attempt: 1, at: "2026-01-01T00:00:00.001Z" }],
        createdAt: "2026-01-01T00:00:00.000Z",
        scheduledAt: "2026-01-01T00:00:00.000Z",
        startedAt: "2026-01-01T00:00:00.001Z",
        finishedAt: "2026-01-01T00:00:00.002Z",
        createdBy: "billing",
      },
    },
  });
});

Deno.test("eventBody() masks the fields named in redact, in data, result, errors and notes", () => {
  const { job, change } = completed({
    data: { user: { PASSWORD: "hunter2" } },
    result: [{ token: "hunter2" }],
    errors: [{ name: "Error", message: "token=hunter2", attempt: 1, at: START }],
    progress: { percent: 1, note: "secret: hunter2", at: START },
  });
  const named = completed({ data: { pin: 1, token: 2 } });

  assert(!JSON.stringify(eventBody("job.completed", change, job, redactor)).includes("hunter2"));
  const own = eventBody("job.completed", named.change, named.job, createRedactor(["pin"]));
  assertEquals(own.data.job.data, { pin: "[redacted]", token: 2 });
});

Deno.test("eventBody() leaves out the longer of data and result beyond 256 KiB, and says so", () => {
  const most = 256 * 1024;
  const of = (data: number, result: number) => {
    const made = completed({ data: "d".repeat(data - 2), result: "r".repeat(result - 2) });
    const { job } = eventBody("job.completed", made.change, made.job, redactor).data;
    return [
      job.omitted,
      (job.data as string | null)?.length ?? null,
      (job.result as string | null)?.length ?? null,
    ];
  };

  assertEquals(of(most - 100, 100), [undefined, most - 102, 98]);
  assertEquals(of(most - 100, 101), [["data"], null, 99]);
  assertEquals(of(100, most), [["result"], 98, null]);
  assertEquals(of(most + 1, most + 2), [["result", "data"], null, null]);
});

Deno.test("eventBody() shows no result of another run", () => {
  const { job, change } = completed({ result: 1 });
  const rerun = { ...job, finishedAt: START + 9, result: 2 };
  const retried = { ...job, status: "pending", result: null } as Job;

  for (const now of [rerun, retried]) {
    const view = eventBody("job.completed", change, now, redactor).data.job;
    assertEquals([view.result, view.omitted, view.status], [null, ["result"], "completed"]);
  }
  const added: JobChange = { event: "added", at: START, job: changedJob(makeJob({ seq: job.seq })) };
  const early = eventBody("job.added", added, job, redactor).data.job;
  assertEquals([early.status, early.result, early.omitted], ["pending", null, undefined]);
});

Deno.test("eventId() is the same for the same event alone", () => {
  const { change } = completed();

  assertEquals(eventId(change), eventId(structuredClone(change)));
  const others = [
    { ...change, event: "failed" as const },
    { ...change, at: change.at + 1 },
    { ...change, job: { ...change.job, attempt: 2 } },
    { ...change, job: { ...change.job, seq: makeJob().seq } },
  ];
  assertEquals(new Set([change, ...others].map(eventId)).size, 5);
});
