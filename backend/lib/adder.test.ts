import { assertEquals, assertInstanceOf, assertRejects } from "@std/assert";
import { z } from "zod";
import { gate, TestQueue } from "../testing/test-queue.ts";
import { defineJob } from "./define-job.ts";
import { InputRangeError, InputTypeError, StoreUnavailableError, UniqueConflictError } from "./errors.ts";
import { isUuid } from "./ids.ts";

const mail = defineJob({
  type: "mail",
  schema: z.object({ to: z.email(), cc: z.array(z.email()).default([]) }),
  maxAttempts: 7,
  timeout: 30_000,
  backoff: { type: "fixed", delay: 50 },
  queue: "post",
  priority: 4,
  run: (job) => job.data.cc.length,
});

Deno.test("add() stores a job with the defaults", async () => {
  await using queue = new TestQueue();
  const id = await queue.add("t", { a: [1, null] });
  const job = await queue.job(id);

  assertEquals(isUuid(id), true);
  assertEquals(job, {
    id,
    seq: id,
    type: "t",
    data: { a: [1, null] },
    queue: "default",
    status: "pending",
    priority: 0,
    tags: [],
    attempt: 0,
    maxAttempts: 3,
    progress: null,
    result: null,
    errors: [],
    createdAt: queue.now(),
    updatedAt: queue.now(),
    scheduledAt: queue.now(),
    startedAt: null,
    finishedAt: null,
    expiresAt: null,
    cancelRequestedAt: null,
    workerId: null,
    createdBy: null,
    traceContext: null,
    backoff: null,
    timeout: null,
    keepFor: null,
    unique: null,
    deaths: 0,
    retryOf: null,
  });
});

Deno.test("add() stores every option", async () => {
  await using queue = new TestQueue();
  const now = queue.now();
  const id = await queue.add("t", 0, {
    priority: -5,
    delay: 100,
    maxRetries: 1,
    backoff: { type: "fixed", delay: 5, jitter: 0 },
    timeout: 9,
    jobId: "mine",
    unique: { key: "k", within: 1000 },
    queue: "q",
    tags: ["a", "b"],
    createdBy: "ada",
    expiresIn: 500,
    keepFor: 0,
  });
  const job = await queue.job(id);

  assertEquals(id, "mine");
  assertEquals(isUuid(job.seq), true);
  assertEquals(
    [
      job.priority,
      job.status,
      job.scheduledAt,
      job.maxAttempts,
      job.timeout,
      job.queue,
      job.tags,
      job.createdBy,
    ],
    [-5, "scheduled", now + 100, 2, 9, "q", ["a", "b"], "ada"],
  );
  assertEquals([job.expiresAt, job.keepFor, job.unique], [now + 500, 0, { key: "k", until: now + 1000 }]);
  assertEquals(job.backoff, { type: "fixed", delay: 5, max: 60_000, factor: 2, jitter: 0 });
});

Deno.test("add() takes a due time in the past as now", async () => {
  await using queue = new TestQueue();
  const job = await queue.job(await queue.add("t", 0, { scheduledAt: new Date(0) }));

  assertEquals([job.status, job.scheduledAt], ["pending", queue.now()]);
});

Deno.test("add() takes defaults from the definition, and from that of a type registered here", async () => {
  await using queue = new TestQueue();
  const defaults = async (id: string) => {
    const { maxAttempts, timeout, backoff, queue: name, priority } = await queue.job(id);
    return [maxAttempts, timeout, backoff?.delay, name, priority];
  };

  assertEquals(await defaults(await queue.add(mail, { to: "a@b.co" })), [7, 30_000, 50, "post", 4]);
  assertEquals(await defaults(await queue.add("mail", { to: "a@b.co" })), [3, null, undefined, "default", 0]);
  queue.process(mail);
  assertEquals(await defaults(await queue.add("mail", { to: "a@b.co" })), [7, 30_000, 50, "post", 4]);
  assertEquals(
    await defaults(await queue.add(mail, { to: "a@b.co" }, { maxAttempts: 1, priority: 0, queue: "x" })),
    [1, 30_000, 50, "x", 0],
  );
});

Deno.test("add() takes maxAttempts from process(), then from the queue", async () => {
  await using queue = new TestQueue({ maxAttempts: 8 });
  queue.process("t", () => {}, { maxAttempts: 2 });

  assertEquals((await queue.job(await queue.add("t", 0))).maxAttempts, 2);
  assertEquals((await queue.job(await queue.add("other", 0))).maxAttempts, 8);
});

Deno.test("add() refuses what the schema refuses, with the path, and stores data as given", async () => {
  await using queue = new TestQueue();
  const error = await queue.add(mail, { to: "a@b.co", cc: ["x@y.co", "nobody"] }).catch((error: unknown) =>
    error
  );

  assertInstanceOf(error, InputTypeError);
  assertEquals(error.issues[0]?.path, "data.cc[1]");
  assertEquals((await queue.list()).jobs, []);
  assertEquals((await queue.job(await queue.add(mail, { to: "a@b.co" }))).data, { to: "a@b.co" });
});

Deno.test("add() checks data as a handler will get it", async () => {
  await using queue = new TestQueue();
  const strict = defineJob({ type: "strict", schema: z.object({ at: z.date() }), run: () => {} });
  const lenient = defineJob({ type: "lenient", schema: z.object({ at: z.coerce.date() }), run: () => {} });

  await assertRejects(() => queue.add(strict, { at: new Date(0) }), InputTypeError, "data.at: ");
  await queue.add(lenient, { at: new Date(0) });
});

Deno.test("add() waits for a schema that takes its time, and what the caller changes meanwhile does not matter", async () => {
  await using queue = new TestQueue();
  const asked = gate();
  const slow = defineJob({
    type: "slow",
    schema: z.object({ n: z.number().refine(() => asked.promise.then(() => true)) }),
    run: () => {},
  });
  const data = { n: 1 };
  const added = queue.add(slow, data);
  data.n = 2;
  asked.resolve();

  assertEquals((await queue.job(await added)).data, { n: 1 });
});

Deno.test("add() stores what it was given although the caller changes it while the store opens", async () => {
  await using queue = new TestQueue();
  const data = { n: 1 };
  const added = queue.add("t", data);
  data.n = 2;

  assertEquals((await queue.job(await added)).data, { n: 1 });
});

Deno.test("addMany() stores what it was given although the caller changes it meanwhile", async () => {
  await using queue = new TestQueue();
  const jobs = [{ type: "t", data: { n: 1 } }];
  const added = queue.addMany(jobs);
  jobs[0]!.data.n = 2;

  assertEquals((await queue.job((await added)[0] ?? "")).data, { n: 1 });
});

Deno.test("add() with a jobId that exists returns it and stores nothing", async () => {
  await using queue = new TestQueue();
  const added: string[] = [];
  queue.on("added", (job) => void added.push(job.id));
  const ids = await Promise.all([1, 2, 3].map((n) => queue.add("t", n, { jobId: "same" })));

  assertEquals(ids, ["same", "same", "same"]);
  assertEquals((await queue.job("same")).data, 1);
  assertEquals([(await queue.list()).jobs.length, added], [1, ["same"]]);
});

Deno.test("add() with a unique key keeps, replaces or rejects", async () => {
  await using queue = new TestQueue();
  const first = await queue.add("t", 1, { unique: { key: "k" } });

  assertEquals(await queue.add("t", 2, { unique: { key: "k" } }), first);
  assertEquals((await queue.job(first)).data, 1);
  assertEquals(await queue.add("t", 3, { unique: { key: "k", onConflict: "replace" } }), first);
  assertEquals((await queue.job(first)).data, 3);
  const error = await queue.add("t", 4, { unique: { key: "k", onConflict: "reject" } }).catch((e: unknown) =>
    e
  );
  assertInstanceOf(error, UniqueConflictError);
  assertEquals([error.key, error.holderId, error.index], ["k", first, 0]);
  assertEquals((await queue.list()).jobs.length, 1);
});

Deno.test("addMany() stores all in the order given, and nothing of nothing", async () => {
  await using queue = new TestQueue();
  const ids = await queue.addMany([
    { type: "b", data: 1 },
    { type: mail, data: { to: "a@b.co" } },
    { type: "a", data: 2, options: { jobId: "mine" } },
  ]);

  assertEquals(ids.length, 3);
  assertEquals(ids[2], "mine");
  const { jobs } = await queue.list();
  assertEquals(jobs.map(({ type, priority }) => [type, priority]), [["a", 0], ["mail", 4], ["b", 0]]);
  assertEquals(await queue.addMany([]), []);
});

Deno.test("addMany() stores nothing when one is bad, and names it by index and field", async () => {
  await using queue = new TestQueue();
  const good = { type: "t", data: 1 };
  const bad: [unknown, string][] = [
    [{ type: "", data: 1 }, "[2].type"],
    [{ data: 1 }, "[2].type"],
    [{ type: "t" }, "[2].data"],
    [{ type: "t", data: { user: { tags: [1n] } } }, "[2].data.user.tags[0]"],
    [{ type: "t", data: 1, options: { priority: 1001 } }, "[2].options.priority"],
    [{ type: "t", data: 1, option: {} }, "[2].option"],
    [{ type: mail, data: { to: "nobody" } }, "[2].data.to"],
    ["t", "[2]"],
    [null, "[2]"],
  ];
  for (const [request, path] of bad) {
    const error = await queue.addMany([good, good, request as typeof good]).catch((error: unknown) => error);
    assertEquals(error instanceof InputTypeError || error instanceof InputRangeError, true, String(error));
    assertEquals((error as InputTypeError).issues[0]?.path, path);
  }

  assertEquals((await queue.list()).jobs, []);
  await assertRejects(
    () => queue.addMany({} as never),
    InputTypeError,
    "jobs: must be an array, found an object",
  );
});

Deno.test("addMany() with a key that is held names the one that was rejected", async () => {
  await using queue = new TestQueue();
  await queue.add("t", 1, { unique: { key: "k" } });
  const error = await queue.addMany([
    { type: "t", data: 1 },
    { type: "t", data: 2, options: { unique: { key: "k", onConflict: "reject" } } },
  ]).catch((error: unknown) => error);

  assertInstanceOf(error, UniqueConflictError);
  assertEquals([error.index, (await queue.list()).jobs.length], [1, 2]);
});

Deno.test("add() rejects with the store's reason", async () => {
  await using queue = new TestQueue();
  queue.store.before.insert = () => {
    throw new StoreUnavailableError("Cannot write: the disk is full");
  };

  await assertRejects(() => queue.add("t", 1), StoreUnavailableError, "disk is full");
});

Deno.test("repeat() adds a job with other data and the same options, that names the old one", async () => {
  await using queue = new TestQueue();
  const id = await queue.add("t", 1, {
    priority: 3,
    maxAttempts: 9,
    backoff: { delay: 5 },
    timeout: 8,
    queue: "q",
    tags: ["a"],
    createdBy: "ada",
    expiresIn: 700,
    keepFor: 600,
    jobId: "mine",
    delay: 100,
  });
  queue.clock.advance(50);
  const old = await queue.job(id);
  const copy = await queue.job(await queue.repeat(id, 2));

  const { id: newId, seq, ...rest } = copy;
  const now = queue.now();
  assertEquals([newId === seq, newId !== old.id], [true, true]);
  const { id: _id, seq: _seq, ...before } = old;
  assertEquals(rest, {
    ...before,
    data: 2,
    status: "pending",
    createdAt: now,
    updatedAt: now,
    scheduledAt: now,
    expiresAt: now + 700,
    retryOf: "mine",
  });
});

Deno.test("repeat() checks the data, by the schema too", async () => {
  await using queue = new TestQueue();
  queue.process(mail);
  const id = await queue.add(mail, { to: "a@b.co" });

  await assertRejects(() => queue.repeat(id, { to: 5 }), InputTypeError, "data.to");
  await assertRejects(() => queue.repeat(id, { to: 5n }), InputTypeError, "data.to: must be JSON");
  assertEquals((await queue.list()).jobs.length, 1);
});

Deno.test("repeat() of a job with a unique key takes the key, unless it is held", async () => {
  await using queue = new TestQueue();
  const id = await queue.add("t", 1, { unique: { key: "k", within: 1000 } });
  await queue.cancel(id);
  queue.clock.advance(2000);
  const copy = await queue.job(await queue.repeat(id, 2));

  assertEquals(copy.unique, { key: "k", until: queue.now() + 1000 });
  await assertRejects(() => queue.repeat(id, 3), UniqueConflictError);
});
