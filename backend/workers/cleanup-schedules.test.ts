import { assertEquals } from "@std/assert";
import { TestQueue } from "../testing/test-queue.ts";
import { scheduleCleanups } from "./cleanup-schedules.ts";
import { registerCleanups } from "./cleanup-worker.ts";

/** What is scheduled: names, expressions, and the jobs. */
function schedulesWith(settings?: Parameters<typeof scheduleCleanups>[1]) {
  const schedules: { name: string; expression: string; job: { type: string; data: unknown } }[] = [];
  scheduleCleanups(
    { schedule: (name, expression, job) => schedules.push({ name, expression, job }) },
    settings,
  );
  return schedules;
}

Deno.test("scheduleCleanups() schedules old jobs daily at 3 and sessions every six hours", () => {
  for (const settings of [undefined, {}, { tempDirectory: null }]) {
    assertEquals(schedulesWith(settings), [
      { name: "cleanup:old-jobs", expression: "0 3 * * *", job: { type: "cleanup:old-jobs", data: {} } },
      {
        name: "cleanup:expired-sessions",
        expression: "30 */6 * * *",
        job: { type: "cleanup:expired-sessions", data: {} },
      },
    ]);
  }
});

Deno.test("scheduleCleanups() schedules temporary files hourly where there is a directory for them", () => {
  const [schedule] = schedulesWith({ tempDirectory: "/tmp/app" }).filter(({ name }) =>
    name.endsWith("files")
  );

  assertEquals(schedule, {
    name: "cleanup:temp-files",
    expression: "15 * * * *",
    job: { type: "cleanup:temp-files", data: {} },
  });
});

Deno.test("scheduleCleanups() schedules jobs that registerCleanups() takes and runs", async () => {
  await using queue = new TestQueue();
  registerCleanups(queue, { retention: { completed: Infinity, failed: Infinity, cancelled: Infinity } });
  for (const { job } of schedulesWith({ tempDirectory: "/tmp/app" })) await queue.add(job.type, job.data);

  assertEquals(await queue.drain(), 3);

  assertEquals((await queue.stats()).completed, 3);
});
