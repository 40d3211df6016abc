import { assertEquals, assertLessOrEqual, assertStringIncludes } from "@std/assert";
import { makeLogLine, MAX_LINE_BYTES, toSafeJson } from "./log-line.ts";

const when = { attempt: 1, at: 5 };
const size = (value: unknown) => new TextEncoder().encode(JSON.stringify(value)).length;

Deno.test("makeLogLine() keeps message and fields", () => {
  assertEquals(makeLogLine("info", "sent", { to: "ada", count: 2 }, when), {
    attempt: 1,
    at: 5,
    level: "info",
    message: "sent",
    fields: { to: "ada", count: 2 },
  });
  assertEquals(makeLogLine("info", "sent", undefined, when).fields, undefined);
});

Deno.test("makeLogLine() takes whatever is passed", () => {
  const trap = { toString: () => 5n as unknown as string };

  assertEquals(makeLogLine("info", 7, "text", when).message, "7");
  assertEquals(makeLogLine("info", 7, "text", when).fields, { value: "text" });
  assertEquals(makeLogLine("info", Object.create(null), [1n], when).message, "a message that cannot be read");
  assertEquals(typeof makeLogLine("info", trap, null, when).message, "string");
});

Deno.test("makeLogLine() makes no line longer than 4 KiB", () => {
  const deep: Record<string, unknown> = {};
  let inner = deep;
  for (let i = 0; i < 50; i++) inner = inner.next = { text: "x".repeat(50) } as Record<string, unknown>;

  for (const char of ["a", "€", "\u0001", "😀", '"']) {
    for (const fields of [undefined, { a: char.repeat(9999) }, { [char.repeat(9999)]: 1 }, deep]) {
      for (const message of ["m", char.repeat(9999)]) {
        assertLessOrEqual(size(makeLogLine("error", message, fields, when)), MAX_LINE_BYTES);
      }
    }
  }
  const many = Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`key${i}`, i]));
  const line = makeLogLine("info", "many", many, when);
  assertLessOrEqual(size(line), MAX_LINE_BYTES);
  assertStringIncludes(JSON.stringify(line.fields), "key0");
});

Deno.test("toSafeJson() says as much as it can of what is no JSON", () => {
  const cyclic: Record<string, unknown> = { a: 1 };
  cyclic.self = cyclic;
  const trap = {
    get boom() {
      throw new Error("no");
    },
  };

  assertEquals(
    toSafeJson({
      n: NaN,
      b: 1n,
      s: Symbol("s"),
      f: () => 1,
      u: undefined,
      e: new TypeError("bad"),
      m: new Map<unknown, unknown>([[1, new Set(["x"])]]),
      d: new Date(0),
      cyclic,
      trap,
      list: [undefined, 1],
    }),
    {
      n: "NaN",
      b: "1",
      s: "Symbol(s)",
      f: "[function]",
      u: undefined,
      e: { name: "TypeError", message: "bad" },
      m: { "1": ["x"] },
      d: "1970-01-01T00:00:00.000Z",
      cyclic: { a: 1, self: "[circular]" },
      trap: "[unreadable]",
      list: [null, 1],
    },
  );
});
