import { assertEquals, assertInstanceOf, assertThrows } from "@std/assert";
import { FakeClock } from "../testing/fake-clock.ts";
import { TestQueue } from "../testing/test-queue.ts";
import { InputRangeError, InputTypeError } from "./errors.ts";
import { checkOptions } from "./options.ts";

const NOW = 1_000_000;
const YEARS = 10 * 365.25 * 86_400_000;

/** What is refused: the options, the path named, and the kind of error. */
const REFUSED: [unknown, string, typeof InputTypeError | typeof InputRangeError][] = [
  [null, "options", InputTypeError],
  ["urgent", "options", InputTypeError],
  [[], "options", InputTypeError],
  [{ prioritty: 1 }, "options.prioritty", InputTypeError],
  [{ payload: {} }, "options.payload", InputTypeError],
  [{ priority: 1001 }, "options.priority", InputRangeError],
  [{ priority: -1001 }, "options.priority", InputRangeError],
  [{ priority: 1.5 }, "options.priority", InputRangeError],
  [{ priority: NaN }, "options.priority", InputRangeError],
  [{ priority: "high" }, "options.priority", InputTypeError],
  [{ priority: null }, "options.priority", InputTypeError],
  [{ delay: -1 }, "options.delay", InputRangeError],
  [{ delay: NaN }, "options.delay", InputRangeError],
  [{ delay: Infinity }, "options.delay", InputRangeError],
  [{ delay: YEARS + 1 }, "options.delay", InputRangeError],
  [{ delay: "5m" }, "options.delay", InputTypeError],
  [{ delay: 1, scheduledAt: 1 }, "options.scheduledAt", InputTypeError],
  [{ scheduledAt: new Date(NaN) }, "options.scheduledAt", InputRangeError],
  [{ scheduledAt: NaN }, "options.scheduledAt", InputRangeError],
  [{ scheduledAt: -Infinity }, "options.scheduledAt", InputRangeError],
  [{ scheduledAt: NOW + YEARS + 1 }, "options.scheduledAt", InputRangeError],
  [{ scheduledAt: "2026-01-01" }, "options.scheduledAt", InputTypeError],
  [{ maxAttempts: 0 }, "options.maxAttempts", InputRangeError],
  [{ maxAttempts: 1001 }, "options.maxAttempts", InputRangeError],
  [{ maxAttempts: 2.5 }, "options.maxAttempts", InputRangeError],
  [{ maxRetries: -1 }, "options.maxRetries", InputRangeError],
  [{ maxRetries: 1000 }, "options.maxRetries", InputRangeError],
  [{ maxAttempts: 3, maxRetries: 2 }, "options.maxRetries", InputTypeError],
  [{ backoff: 1000 }, "options.backoff", InputTypeError],
  [{ backoff: () => 1 }, "options.backoff", InputTypeError],
  [{ backoff: { kind: "fixed" } }, "options.backoff.kind", InputTypeError],
  [{ backoff: { type: "linear" } }, "options.backoff.type", InputRangeError],
  [{ backoff: { delay: -1 } }, "options.backoff.delay", InputRangeError],
  [{ backoff: { delay: 5000, max: 1000 } }, "options.backoff.max", InputRangeError],
  [{ backoff: { factor: 0.5 } }, "options.backoff.factor", InputRangeError],
  [{ backoff: { jitter: 1.1 } }, "options.backoff.jitter", InputRangeError],
  [{ timeout: -1 }, "options.timeout", InputRangeError],
  [{ timeout: 2 ** 31 }, "options.timeout", InputRangeError],
  [{ jobId: "" }, "options.jobId", InputRangeError],
  [{ jobId: 7 }, "options.jobId", InputTypeError],
  [{ jobId: "a/b" }, "options.jobId", InputRangeError],
  [{ jobId: "a b" }, "options.jobId", InputRangeError],
  [{ jobId: "a\n" }, "options.jobId", InputRangeError],
  [{ jobId: "a".repeat(201) }, "options.jobId", InputRangeError],
  [{ jobId: "a".repeat(300) }, "options.jobId", InputRangeError],
  ...["stats", "export", "bulk", "cleanup"].map((jobId): (typeof REFUSED)[number] => [
    { jobId },
    "options.jobId",
    InputRangeError,
  ]),
  [{ jobId: "019384f2-1111-7222-8333-444444444444" }, "options.jobId", InputRangeError],
  [{ jobId: "019384F2-1111-7222-8333-444444444444" }, "options.jobId", InputRangeError],
  [{ unique: "key" }, "options.unique", InputTypeError],
  [{ unique: {} }, "options.unique.key", InputTypeError],
  [{ unique: { key: "" } }, "options.unique.key", InputRangeError],
  [{ unique: { key: "k", for: 1 } }, "options.unique.for", InputTypeError],
  [{ unique: { key: "k", within: 0 } }, "options.unique.within", InputRangeError],
  [{ unique: { key: "k", within: "day" } }, "options.unique.within", InputTypeError],
  [{ unique: { key: "k", onConflict: "skip" } }, "options.unique.onConflict", InputRangeError],
  [{ queue: "" }, "options.queue", InputRangeError],
  [{ queue: "q".repeat(101) }, "options.queue", InputRangeError],
  [{ queue: "a\u0000b" }, "options.queue", InputRangeError],
  [{ queue: " mail" }, "options.queue", InputRangeError],
  [{ tags: "a" }, "options.tags", InputTypeError],
  [{ tags: Array.from({ length: 25 }, (_, i) => `t${i}`) }, "options.tags", InputRangeError],
  [{ tags: ["ok", "t".repeat(65)] }, "options.tags[1]", InputRangeError],
  [{ tags: ["ok", 5] }, "options.tags[1]", InputTypeError],
  [{ tags: [, "hole"] }, "options.tags[0]", InputTypeError],
  [{ createdBy: "c".repeat(256) }, "options.createdBy", InputRangeError],
  [{ createdBy: "\ud800" }, "options.createdBy", InputRangeError],
  [{ expiresIn: 0 }, "options.expiresIn", InputRangeError],
  [{ expiresIn: NaN }, "options.expiresIn", InputRangeError],
  [{ keepFor: -1 }, "options.keepFor", InputRangeError],
];

for (const [options, path, ErrorClass] of REFUSED) {
  Deno.test(`checkOptions() refuses ${Deno.inspect(options, { compact: true, strAbbreviateSize: 30 })} at ${path}`, () => {
    const error = assertThrows(() => checkOptions(options, NOW), ErrorClass);
    assertEquals(error.issues.map((issue) => issue.path), [path]);
  });
}

/** Types that are refused. */
const REFUSED_TYPES: [unknown, typeof InputTypeError | typeof InputRangeError][] = [
  ["", InputRangeError],
  ["t".repeat(256), InputRangeError],
  ["t".repeat(300), InputRangeError],
  ["send\nmail", InputRangeError],
  ["send\u0085mail", InputRangeError],
  [" send", InputRangeError],
  ["send ", InputRangeError],
  ["\udc00", InputRangeError],
  [5, InputTypeError],
  [undefined, InputTypeError],
  [{ type: "send" }, InputTypeError],
];

for (const [type, ErrorClass] of REFUSED_TYPES) {
  Deno.test(`Queue.add() refuses the type ${Deno.inspect(type, { strAbbreviateSize: 30 })} and stores nothing`, async () => {
    await using queue = new TestQueue();
    const error = await queue.add(type as string, {}).catch((error: unknown) => error);

    assertInstanceOf(error, ErrorClass);
    assertEquals(error.issues[0]?.path, "type");
    assertEquals((await queue.list()).jobs, []);
  });
}

Deno.test("Queue.add() stores nothing when an option is refused", async () => {
  await using queue = new TestQueue({ clock: new FakeClock(NOW) });

  for (const [options] of REFUSED) {
    const error = await queue.add("t", {}, options as never).catch((error: unknown) => error);
    assertEquals(error instanceof InputTypeError || error instanceof InputRangeError, true);
  }

  assertEquals((await queue.list()).jobs, []);
});

Deno.test("checkOptions() takes every option at its limits", () => {
  const checked = checkOptions({
    priority: 1000,
    delay: YEARS,
    maxRetries: 999,
    backoff: { type: "fixed", delay: 120_000 },
    timeout: 2_147_483_647,
    jobId: "Az09_.:@-".padEnd(200, "x"),
    unique: { key: "k".repeat(255), within: 1, onConflict: "replace" },
    queue: "q".repeat(100),
    tags: ["a", "b", "a"],
    createdBy: "é",
    expiresIn: 1,
    keepFor: 0,
  }, NOW);

  assertEquals(checked, {
    priority: 1000,
    scheduledAt: NOW + YEARS,
    maxAttempts: 1000,
    backoff: { type: "fixed", delay: 120_000, max: 120_000, factor: 2, jitter: 0.1 },
    timeout: 2_147_483_647,
    jobId: "Az09_.:@-".padEnd(200, "x"),
    unique: { key: "k".repeat(255), within: 1, onConflict: "replace" },
    queue: "q".repeat(100),
    tags: ["a", "b"],
    createdBy: "é",
    expiresIn: 1,
    keepFor: 0,
  });
});

Deno.test("checkOptions() takes a due time in the past as now, and rounds fractions of a millisecond up", () => {
  assertEquals(checkOptions({ scheduledAt: new Date(0) }, NOW).scheduledAt, NOW);
  assertEquals(checkOptions({ scheduledAt: -5 }, NOW).scheduledAt, NOW);
  assertEquals(checkOptions({ scheduledAt: NOW + 0.5 }, NOW).scheduledAt, NOW + 1);
  assertEquals(checkOptions({ delay: 0.1 }, NOW).scheduledAt, NOW + 1);
});

Deno.test("checkOptions() takes a field that is undefined as not given", () => {
  assertEquals(
    checkOptions({ priority: undefined, delay: undefined, scheduledAt: NOW + 5 }, NOW),
    checkOptions({ scheduledAt: NOW + 5 }, NOW),
  );
});

Deno.test("An error of checkOptions() says what was found and what is allowed", () => {
  const error = assertThrows(() => checkOptions({ priority: 1001 }, NOW), InputRangeError);

  assertEquals(error.message, "options.priority: must be from -1000 to 1000, found 1001");
});
