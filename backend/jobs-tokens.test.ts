/** In a file of its own, since a process reads its configuration once. */
import { assertEquals, assertRejects } from "@std/assert";
import { StartError } from "./config.ts";
import { createJobs, type Jobs } from "./jobs.ts";
import { TestLog } from "./testing/test-queue.ts";

/** Calls `test` in a folder of its own. */
async function inFolder(test: () => Promise<void>): Promise<void> {
  const before = Deno.cwd();
  const folder = await Deno.makeTempDir();
  Deno.chdir(folder);
  try {
    await test();
  } finally {
    Deno.chdir(before);
    await Deno.remove(folder, { recursive: true });
  }
}

/** What an API without `authorize` answers to somebody without a token. */
async function refused(jobs: Jobs): Promise<unknown> {
  return (await (await jobs.routes().request("/api/admin/jobs")).json()).code;
}

Deno.test("Without `authorize`, start() makes the tokens of the API and logs where they are", async () => {
  await inFolder(async () => {
    const log = new TestLog();
    const jobs = createJobs({ store: "memory:", log });
    const routes = jobs.routes();
    await jobs.start();
    const text = await Deno.readTextFile("data/tokens.env");
    const [, token] = /^VIEWER_TOKEN=(.*)$/m.exec(text) ?? [];
    const headers = { Authorization: `Bearer ${token}` };
    const answer = await routes.request("/api/admin/jobs", { headers });
    await jobs.stop();

    assertEquals(answer.status, 200);
    const told = log.lines.filter(({ message }) => message === "{file} holds {names}");
    const names = "ADMIN_TOKEN, VIEWER_TOKEN, ENQUEUE_TOKEN";
    assertEquals(told.map(({ fields }) => fields), [{ file: "data/tokens.env", names }]);
  });
});

Deno.test("Without start(), the first request makes the tokens, also one that brings none", async () => {
  await inFolder(async () => {
    const jobs = createJobs({ store: "memory:" });
    assertEquals(await refused(jobs), "unauthorized");
    await jobs.stop();

    assertEquals((await Deno.stat("data/tokens.env")).isFile, true);
  });
});

Deno.test("With `authorize` or without routes no tokens are made", async () => {
  await inFolder(async () => {
    const closed = createJobs({ store: "memory:", authorize: () => null });
    await closed.start();
    assertEquals(await refused(closed), "unauthorized");
    await closed.stop();
    const worker = createJobs({ store: "memory:" });
    await worker.start();
    await worker.stop();

    assertEquals(await Array.fromAsync(Deno.readDir(".")), []);
  });
});

Deno.test("start() starts nothing when the tokens cannot be made, and can be called again", async () => {
  await inFolder(async () => {
    await Deno.writeTextFile("data", "no folder");
    const jobs = createJobs({ store: "memory:" });
    jobs.routes();
    await assertRejects(() => jobs.start(), StartError, "data/tokens.env");
    assertEquals(jobs.queue.isRunning, false);
    await Deno.remove("data");
    await jobs.start();
    assertEquals(jobs.queue.isRunning, true);
    await jobs.stop();
  });
});
