import { assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { InputRangeError, InputTypeError } from "../lib/errors.ts";
import type { JobStatus } from "../lib/job.ts";
import { CleanupSetup, DAY, FileLab } from "../testing/cleanup-setup.ts";
import { FakeClock } from "../testing/fake-clock.ts";
import { TestQueue } from "../testing/test-queue.ts";
import {
  enqueueFileCleanup,
  enqueueJobCleanup,
  enqueueLogCleanup,
  registerCleanups,
} from "./cleanup-worker.ts";

const HOUR = 3_600_000;

Deno.test("cleanup:old-files fails at once where nothing is allowed, and names the setting", async () => {
  using lab = new FileLab();
  const file = lab.file("old", 2);
  await using setup = new CleanupSetup(lab);

  const job = await setup.oldFiles(lab.root);

  assertEquals([job.status, job.attempt], ["failed", 1]);
  assertStringIncludes(job.errors[0]?.message ?? "", "CLEANUP_DIRECTORIES");
  assertEquals(lab.all(), [file.slice(lab.root.length + 1)]);
});

Deno.test("cleanup:old-files fails at once for a directory outside, and deletes nothing", async () => {
  using lab = new FileLab();
  const root = lab.directory("data/tmp");
  lab.file("data/tmp2/old", 2);
  lab.link("data/tmp/out", lab.path("data/tmp2"));
  const before = lab.all();
  await using setup = new CleanupSetup(lab, { directories: [root] });

  for (const directory of [`${root}/..`, `${root}2`, `${root}/../tmp2`, `${root}/out`, "/", lab.root]) {
    const job = await setup.oldFiles(directory);
    assertEquals([job.status, job.attempt, job.errors[0]?.name], ["failed", 1, "DirectoryRefusedError"]);
    assertStringIncludes(job.errors[0]?.message ?? "", "outside of the directories in CLEANUP_DIRECTORIES");
  }
  assertEquals(lab.all(), before);
});

Deno.test("cleanup:old-files fails at once for a directory that is not there", async () => {
  using lab = new FileLab();
  await using setup = new CleanupSetup(lab, { directories: [lab.root] });

  const job = await setup.oldFiles(lab.path("mispelt"));

  assertEquals([job.status, job.attempt], ["failed", 1]);
  assertStringIncludes(job.errors[0]?.message ?? "", "there is no such directory");
});

Deno.test("cleanup:old-files fails at once where Deno lets it delete nothing", async () => {
  using lab = new FileLab();
  lab.file("old", 2);
  const refuse = () => Promise.reject(new Deno.errors.NotCapable("Requires write access"));
  for (const files of [{ remove: refuse }, { realPath: refuse }]) {
    await using setup = new CleanupSetup(lab, { directories: [lab.root] }, files);

    const job = await setup.oldFiles(lab.root);

    assertEquals([job.status, job.attempt], ["failed", 1]);
    assertStringIncludes(job.errors[0]?.message ?? "", "without --allow-read and --allow-write");
  }
});

Deno.test("cleanup:old-files tries again when the disk has a hiccup", async () => {
  using lab = new FileLab();
  lab.file("old", 2);
  let tries = 0;
  await using setup = new CleanupSetup(lab, { directories: [lab.root] }, {
    readDir(path) {
      if (tries++ === 0) throw new Error("I/O error");
      return Deno.readDir(path);
    },
  });

  const { id, status } = await setup.oldFiles(lab.root);
  assertEquals(status, "retrying");
  lab.clock.advance(HOUR);
  await setup.queue.drain();

  assertEquals((await setup.queue.job(id)).status, "completed");
});

Deno.test("cleanup:old-files refuses bad data at add, by field", async () => {
  await using setup = new CleanupSetup({ clock: new FakeClock() });
  const bad: [unknown, string][] = [
    [{ directory: "", olderThanDays: 1 }, "data.directory: must not be empty"],
    [{ directory: "/tmp", olderThanDays: -1 }, "data.olderThanDays: must be a number of days"],
    [{ directory: "/tmp", olderThanDays: 1, dryrun: true }, "data.dryrun: is not a known field"],
  ];
  for (const [data, message] of bad) {
    await assertRejects(() => setup.queue.add("cleanup:old-files", data), InputTypeError, message);
  }
  assertEquals((await setup.queue.stats()).pending, 0);
});

Deno.test("cleanup:temp-files deletes in its directory, by its own age, and nowhere else", async () => {
  using lab = new FileLab();
  const tempDirectory = lab.directory("tmp");
  lab.file("tmp/a/old", 0.5);
  lab.file("tmp/new", 0.2);
  lab.file("allowed/old", 400);
  const settings = { tempDirectory, tempMaxAge: 6 * HOUR, directories: [lab.path("allowed")] };
  await using setup = new CleanupSetup(lab, settings);

  const dry = await setup.run("cleanup:temp-files", { dryRun: true });
  assertEquals(dry.result, { deleted: 1, bytes: 4, kept: 1, failed: 0, dryRun: true });
  const job = await setup.run("cleanup:temp-files", {});

  assertEquals(job.result, { deleted: 1, bytes: 4, kept: 1, failed: 0, dryRun: false });
  assertEquals(lab.all(), ["allowed", "allowed/old", "tmp", "tmp/a", "tmp/new"]);
  assertEquals((await setup.oldFiles(tempDirectory)).status, "failed");
});

Deno.test("cleanup:temp-files has nothing to do without a directory, or before that is made", async () => {
  using lab = new FileLab();
  for (const settings of [{}, { tempDirectory: null }, { tempDirectory: lab.path("later") }]) {
    await using setup = new CleanupSetup(lab, settings);

    const job = await setup.run("cleanup:temp-files", {});

    assertEquals([job.status, job.result], ["completed", {
      deleted: 0,
      bytes: 0,
      kept: 0,
      failed: 0,
      dryRun: false,
    }]);
    assertStringIncludes((await setup.queue.logs(job.id)).lines[0]?.message ?? "", "Nothing to do");
  }
});

/** Runs a job that logs a line and ends as `status`. */
async function finish(
  queue: TestQueue,
  status: JobStatus,
  options: { keepFor?: number } = {},
): Promise<string> {
  const id = await queue.add("work", status, options);
  await queue.drain();
  assertEquals((await queue.job(id)).status, status);
  return id;
}

function withWork(setup: CleanupSetup): TestQueue {
  return setup.queue.process("work", (job) => {
    job.log.info("hello");
    if (job.data === "failed") job.fail("no");
    if (job.data === "cancelled") job.cancel();
  });
}

Deno.test("cleanup:job-logs deletes the logs of jobs that finished so long ago, and keeps the jobs", async () => {
  await using setup = new CleanupSetup({ clock: new FakeClock() });
  const queue = withWork(setup);
  const [old, failed] = [await finish(queue, "completed"), await finish(queue, "failed")];
  queue.clock.advance(2 * DAY);
  const fresh = await finish(queue, "completed");
  const logged = async () =>
    await Promise.all([old, failed, fresh].map(async (id) => (await queue.logs(id)).lines.length));

  const dry = await setup.run("cleanup:job-logs", { olderThanDays: 1.5, dryRun: true });
  assertEquals([dry.result, await logged()], [{ jobs: 2, dryRun: true }, [1, 1, 1]]);
  const job = await setup.run("cleanup:job-logs", { olderThanDays: 1.5 });

  assertEquals([job.result, await logged()], [{ jobs: 2, dryRun: false }, [0, 0, 1]]);
  assertEquals((await queue.job(old)).status, "completed");
});

Deno.test("cleanup:old-jobs deletes by the retention it is told, and heeds keepFor", async () => {
  const retention = { completed: DAY, failed: 3 * DAY, cancelled: Infinity };
  await using setup = new CleanupSetup({ clock: new FakeClock() }, { retention });
  const queue = withWork(setup);
  const completed = await finish(queue, "completed");
  const long = await finish(queue, "completed", { keepFor: 90 * DAY });
  const failed = await finish(queue, "failed");
  const cancelled = await finish(queue, "cancelled");
  const left = async () => {
    const ids = [completed, long, failed, cancelled];
    const jobs = await Promise.all(ids.map((id) => queue.get(id)));
    return jobs.map((job) => job !== null);
  };
  queue.clock.advance(2 * DAY);

  const dry = await setup.run("cleanup:old-jobs", { dryRun: true });
  assertEquals([dry.result, await left()], [{ deleted: 1, dryRun: true }, [true, true, true, true]]);
  const first = await setup.run("cleanup:old-jobs", {});
  assertEquals([first.result, await left()], [{ deleted: 1, dryRun: false }, [false, true, true, true]]);
  const second = await setup.run("cleanup:old-jobs", { olderThanDays: 1, status: "failed" });
  assertEquals([second.result, await left()], [{ deleted: 1, dryRun: false }, [false, true, false, true]]);
  const third = await setup.run("cleanup:old-jobs", { olderThanDays: 1 });
  assertEquals([third.result, await left()], [{ deleted: 1, dryRun: false }, [false, true, false, false]]);
});

Deno.test("cleanup:old-jobs that is told neither an age nor the retention deletes nothing and fails", async () => {
  await using setup = new CleanupSetup({ clock: new FakeClock() });
  const queue = withWork(setup);
  const id = await finish(queue, "completed");
  queue.clock.advance(4_000 * DAY);

  const job = await setup.run("cleanup:old-jobs", {});

  assertEquals([job.status, job.attempt], ["failed", 1]);
  assertStringIncludes(job.errors[0]?.message ?? "", "give olderThanDays");
  assertEquals((await queue.job(id)).status, "completed");
});

Deno.test("cleanup:expired-sessions deletes sessions whose time is over, and nothing else", async () => {
  await using setup = new CleanupSetup({ clock: new FakeClock() });
  const { queue } = setup;
  await queue.ready();
  const now = queue.now();
  const values: [string, string, unknown][] = [
    ["session", "over", { expiresAt: now - 1, user: "ada" }],
    ["session", "just-over", { expiresAt: now }],
    ["session", "valid", { expiresAt: now + 1 }],
    ["session", "text", { expiresAt: "2000-01-01" }],
    ["session", "none", {}],
    ["session", "null", { expiresAt: null }],
    ["session", "number", 5],
    ["schedule", "over", { expiresAt: 0 }],
  ];
  const put = values.map(([kind, key, value]) => ({ kind, key, value, expect: null }));
  await queue.store.commit({ put }, now);
  const keys = async (kind: string) => (await queue.store.records(kind)).map(({ key }) => key);

  const dry = await setup.run("cleanup:expired-sessions", { dryRun: true });
  assertEquals([dry.result, (await keys("session")).length], [{ deleted: 2, dryRun: true }, 7]);
  const job = await setup.run("cleanup:expired-sessions", {});

  assertEquals(job.result, { deleted: 2, dryRun: false });
  assertEquals(await keys("session"), ["none", "null", "number", "text", "valid"]);
  assertEquals(await keys("schedule"), ["over"]);
});

Deno.test("registerCleanups() refuses settings by field, and registers nothing", async () => {
  await using queue = new TestQueue();
  const bad: [unknown, string][] = [
    [{ directory: "/tmp" }, "settings.directory: is not a known field"],
    [{ directories: "/tmp" }, 'settings.directories: must be an array, found "/tmp"'],
    [{ directories: ["/tmp", ""] }, "settings.directories[1]: must be a path"],
    [{ directories: [5] }, "settings.directories[0]: must be a string, found 5"],
    [{ tempDirectory: "a\0b" }, "settings.tempDirectory: must be a path"],
    [{ tempMaxAge: 59_999 }, "settings.tempMaxAge: must be from 60000 to"],
    [{ tempMaxAge: "1d" }, "settings.tempMaxAge: must be a number of milliseconds"],
    [{ retention: { completed: 1, failed: 1 } }, "settings.retention.cancelled: must be a number"],
    [
      { retention: { completed: 1, failed: 1, cancelled: NaN } },
      "settings.retention.cancelled: must be from",
    ],
    [null, "settings: must be an object"],
  ];
  for (const [settings, message] of bad) {
    const error = assertThrows(() => registerCleanups(queue, settings as never));
    assertEquals(error instanceof InputTypeError || error instanceof InputRangeError, true);
    assertStringIncludes((error as Error).message, message);
  }
  assertEquals(queue.types(), []);
});

Deno.test("enqueueFileCleanup() and the like add typed jobs with their options", async () => {
  await using queue = new TestQueue();
  const jobs = { queue };
  const ids = [
    await enqueueFileCleanup({ directory: "/tmp", olderThanDays: 30 }, { jobs, delay: 60_000 }),
    await enqueueLogCleanup({ olderThanDays: 7, dryRun: true }, { jobs, priority: -5 }),
    await enqueueJobCleanup({ status: "failed" }, { jobs, jobId: "my-cleanup" }),
  ];

  const added = await Promise.all(ids.map((id) => queue.job(id)));

  assertEquals(added.map(({ type, data, status }) => [type, data, status]), [
    ["cleanup:old-files", { directory: "/tmp", olderThanDays: 30 }, "scheduled"],
    ["cleanup:job-logs", { olderThanDays: 7, dryRun: true }, "pending"],
    ["cleanup:old-jobs", { status: "failed" }, "pending"],
  ]);
  assertEquals([added[1]?.priority, added[2]?.id], [-5, "my-cleanup"]);
  await assertRejects(
    () => enqueueFileCleanup({ directory: "", olderThanDays: 30 }, { jobs }),
    InputTypeError,
    "data.directory: must not be empty",
  );
});
