import { assert, assertEquals, assertLessOrEqual, assertStringIncludes } from "@std/assert";
import { clip, toJobError } from "./job-error.ts";

const of = (thrown: unknown) => toJobError(thrown, 2, 99);

Deno.test("toJobError() keeps name, message and stack of an Error, with attempt and time", () => {
  const error = of(new RangeError("too far"));

  assertEquals({ ...error, stack: "" }, {
    name: "RangeError",
    message: "too far",
    stack: "",
    attempt: 2,
    at: 99,
  });
  assertStringIncludes(error.stack ?? "", "RangeError: too far");
});

Deno.test("toJobError() says something of whatever is thrown", () => {
  const cyclic: Record<string, unknown> = {};
  cyclic.self = cyclic;
  const trap = {
    get message(): string {
      throw new Error("no");
    },
  };
  const messages = [
    "text",
    null,
    undefined,
    7,
    1n,
    Symbol("s"),
    { message: "odd", name: "Odd" },
    { code: 5 },
    [1],
    cyclic,
    trap,
    Object.create(null),
  ]
    .map((thrown) => [of(thrown).name, of(thrown).message]);

  assertEquals(messages, [
    ["Error", "text"],
    ["Error", "Threw null"],
    ["Error", "Threw undefined"],
    ["Error", "Threw 7"],
    ["Error", "Threw 1"],
    ["Error", "Threw Symbol(s)"],
    ["Odd", "odd"],
    ["Error", 'Threw {"code":5}'],
    ["Error", "Threw [1]"],
    ["Error", "Threw something that cannot be read"],
    ["Error", "Threw something that cannot be read"],
    ["Error", "Threw {}"],
  ]);
});

Deno.test("toJobError() shows the cause in the stack", () => {
  const error = of(new TypeError("fetch failed", { cause: new Error("connection refused") }));

  assertStringIncludes(error.stack?.split("\n")[1] ?? "", "caused by Error: connection refused");
});

Deno.test("toJobError() takes at most 1,300 characters of message and 2 KiB of JSON together, in whatever characters", () => {
  for (const char of ["a", "é", "€", "😀", "\u0001", '"', "\ud800"]) {
    const long = new Error(char.repeat(5000));
    long.name = char.repeat(5000);
    const { name, message, stack = "" } = of(long);
    const size = new TextEncoder().encode(JSON.stringify({ name, message, stack })).length;

    assertLessOrEqual(Math.max(name.length, stack.length), 1000);
    assertLessOrEqual(message.length, 1300);
    assertLessOrEqual(size, 2048);
    assert(message.length > 100, message);
    assert(message.endsWith("…"));
  }
});

Deno.test("clip() leaves alone what fits, and cuts between characters", () => {
  assertEquals(clip("abc", 3, 3), "abc");
  assertEquals(clip("abcd", 3, 99), "ab…");
  assertEquals(clip("abcdef", 99, 5), "ab…");
  assertEquals(clip("😀😀", 3, 99), "😀…");
});
