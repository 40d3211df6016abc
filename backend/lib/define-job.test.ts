import { assert, assertEquals, assertFalse, assertThrows } from "@std/assert";
import { z } from "zod";
import { defineJob, isJobDefinition, parseData } from "./define-job.ts";
import { InputRangeError, InputTypeError } from "./errors.ts";

Deno.test("defineJob() refuses bad fields by name", () => {
  const good = { type: "t", run: () => {} };
  const bad: [object, string][] = [
    [{ ...good, type: "" }, "type: "],
    [{ run: good.run }, "type: "],
    [{ type: "t" }, "run: "],
    [{ ...good, run: "x" }, "run: "],
    [{ ...good, schema: {} }, "schema: "],
    [{ ...good, schema: "x" }, "schema: "],
    [{ ...good, maxAttempts: 0 }, "maxAttempts: "],
    [{ ...good, maxRetries: 1 }, "maxRetries: "],
    [{ ...good, timeout: NaN }, "timeout: "],
    [{ ...good, backoff: 5 }, "backoff: "],
    [{ ...good, queue: " " }, "queue: "],
    [{ ...good, priority: 1001 }, "priority: "],
    [{ ...good, handler: () => {} }, "handler: "],
  ];
  for (const [options, path] of bad) {
    const error = assertThrows(() => defineJob(options as never), Error);
    assert(error instanceof InputTypeError || error instanceof InputRangeError);
    assert(error.message.startsWith(path), error.message);
  }
});

Deno.test("isJobDefinition() knows what defineJob() made, and nothing that looks like it", () => {
  const definition = defineJob({ type: "t", run: () => {} });

  assert(isJobDefinition(definition));
  assertFalse(isJobDefinition({ ...definition }));
  assertFalse(isJobDefinition(null));
});

Deno.test("defineJob() calls run() on what it was given", async () => {
  const options = {
    type: "t",
    greeting: "Hello",
    run() {
      return this.type;
    },
  };
  const { greeting: _, ...rest } = options;

  assertEquals(await defineJob(rest).run({} as never), "t");
});

Deno.test("parseData() gives what the schema made of the data, or where it does not fit", async () => {
  const schema = z.object({ user: z.object({ tags: z.array(z.string()) }), at: z.coerce.date().optional() });

  assertEquals(await parseData(schema, { user: { tags: ["a"] }, at: 0 }), {
    ok: true,
    data: { user: { tags: ["a"] }, at: new Date(0) },
  });
  const bad = await parseData(schema, { user: { tags: ["a", 5] } });
  assertEquals(bad.ok ? "" : bad.path, "data.user.tags[1]");
  const strict = z.object({ user: z.strictObject({ name: z.string() }) });
  assertEquals(await parseData(strict, { user: { name: "Ada", "a b": 1 } }), {
    ok: false,
    path: 'data.user["a b"]',
    message: "is not a known field",
  });
  const slow = z.string().refine(() => Promise.resolve(false), "no");
  assertEquals(await parseData(slow, "x"), { ok: false, path: "data", message: "no" });
});
