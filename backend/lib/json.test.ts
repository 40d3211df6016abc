import { assert, assertEquals, assertFalse, assertInstanceOf, assertThrows } from "@std/assert";
import { TestQueue } from "../testing/test-queue.ts";
import { InputRangeError, InputTypeError } from "./errors.ts";
import { checkJson, copyJson, MAX_JSON_BYTES, MAX_JSON_DEPTH, pathOf, toResult } from "./json.ts";

const cyclic: Record<string, unknown> = { name: "a" };
cyclic.inner = [{ again: cyclic }];

class Point {
  x = 1;
}

/** What is refused: the data, the path named, a part of the message. */
const REFUSED: [unknown, string, RegExp][] = [
  [undefined, "data", /found undefined/],
  [{ user: { name: undefined } }, "data.user.name", /found undefined/],
  [{ user: { tags: ["a", "b", 1n] } }, "data.user.tags[2]", /found the BigInt 1/],
  [{ run: () => 1 }, "data.run", /found a function/],
  [[Symbol("s")], "data[0]", /found a symbol/],
  [{ n: NaN }, "data.n", /found NaN/],
  [{ n: -Infinity }, "data.n", /found -Infinity/],
  [cyclic, "data.inner[0].again", /holds itself/],
  [new Map([["a", 1]]), "data", /found a Map/],
  [{ s: new Set() }, "data.s", /found a Set/],
  [{ bytes: new Uint8Array(3) }, "data.bytes", /found a Uint8Array/],
  [{ p: new Point() }, "data.p", /found a Point/],
  [{ e: new Error("x") }, "data.e", /found an Error/],
  [{ p: Promise.resolve() }, "data.p", /found a Promise/],
  [{ "a b": { "": undefined } }, 'data["a b"][""]', /found undefined/],
  [[1, , 3], "data[1]", /found undefined/],
  [{ [Symbol("s")]: 1 }, "data", /symbol as a key/],
  [{ d: { toJSON: () => 1n } }, "data.d", /found the BigInt 1/],
  [{ d: { toJSON: () => undefined } }, "data.d", /found undefined/],
];

for (const [data, path, message] of REFUSED) {
  Deno.test(`checkJson() refuses ${Deno.inspect(data, { compact: true, breakLength: Infinity })} at ${path}`, () => {
    const error = assertThrows(() => checkJson(data, "data"), InputTypeError, "");
    assertEquals(error.issues[0]?.path, path);
    assert(message.test(error.message), error.message);
  });
}

Deno.test("Queue.add() refuses data that is not JSON, and stores nothing", async () => {
  await using queue = new TestQueue();

  for (const [data, path] of REFUSED) {
    const error = await queue.add("t", data).catch((error: unknown) => error);
    assertInstanceOf(error, InputTypeError);
    assertEquals(error.issues[0]?.path, path);
  }

  assertEquals((await queue.list()).jobs, []);
});

Deno.test("checkJson() says whether the value is plain, and Queue.add() stores what toJSON gives", async () => {
  await using queue = new TestQueue();
  const data = {
    at: new Date(0),
    url: new URL("https://a.example/"),
    n: -0,
    s: "\ud83d\ude00",
    o: Object.create(null),
  };

  assert(checkJson({ a: [1, "2", true, null, { b: {} }] }, "data"));
  assertFalse(checkJson(data, "data"));
  const job = await queue.job(await queue.add("t", data));
  assertEquals(job.data, { at: "1970-01-01T00:00:00.000Z", url: "https://a.example/", n: 0, s: "😀", o: {} });
});

Deno.test("checkJson() takes 5 MiB of JSON and refuses a byte more, in whatever characters", () => {
  for (const [char, bytes] of [["a", 1], ["é", 2], ["€", 3], ["\u0001", 6], ["\\", 2]] as const) {
    const count = Math.floor((MAX_JSON_BYTES - 2) / bytes);
    checkJson(char.repeat(count) + "a".repeat(MAX_JSON_BYTES - 2 - count * bytes), "data");
    const error = assertThrows(
      () => checkJson(char.repeat(count) + "a".repeat(MAX_JSON_BYTES - 1 - count * bytes), "data"),
      InputRangeError,
    );
    assertEquals(error.issues[0]?.path, "data");
  }
});

Deno.test("checkJson() refuses 5 MiB + 1 of many small values", () => {
  const data = Array.from({ length: MAX_JSON_BYTES / 2 }, () => 1); // "[1,1…1]" is one byte too long
  assertThrows(() => checkJson(data, "data"), InputRangeError, "at most 5 MiB");
  data.pop();
  checkJson(data, "data");
});

Deno.test("checkJson() gives up early on one object held in countless places", () => {
  let data: unknown[] = ["x".repeat(100)];
  for (let i = 0; i < 100; i++) data = [data, data];

  const error = assertThrows(() => checkJson({ data }, "data"), InputRangeError);

  assertEquals(error.issues[0]?.path, "data");
});

Deno.test("checkJson() takes the same object twice where it is no cycle", () => {
  const shared = { a: 1 };

  assert(checkJson([shared, { shared }], "data"));
});

Deno.test("checkJson() bounds the depth, and names the place", () => {
  const nested = (depth: number) => {
    let data: unknown = 1;
    for (let i = 0; i < depth; i++) data = [data];
    return data;
  };

  checkJson(nested(MAX_JSON_DEPTH), "data");
  const error = assertThrows(() => checkJson(nested(MAX_JSON_DEPTH + 1), "data"), InputRangeError);
  assertEquals(error.issues[0]?.path, "data" + "[0]".repeat(MAX_JSON_DEPTH));
});

Deno.test("pathOf() writes plain names with dots, the rest in brackets", () => {
  assertEquals(pathOf(["user", 2, "é_$1", "a.b", "0", ""]), '.user[2].é_$1["a.b"]["0"][""]');
});

Deno.test("toResult() takes JSON leniently", () => {
  assertEquals(toResult(undefined), null);
  assertEquals(toResult(() => 1), null);
  assertEquals(toResult({ a: undefined, b: NaN, c: [undefined], d: new Date(0), f() {} }), {
    b: null,
    c: [null],
    d: "1970-01-01T00:00:00.000Z",
  });
  assertEquals(toResult(new Map([[1, 2]])), {});
});

Deno.test("toResult() shares nothing with what it was given", () => {
  const given = { a: [1] };
  const result = toResult(given);
  given.a.push(2);

  assertEquals(result, { a: [1] });
});

Deno.test("toResult() refuses what cannot be stored", () => {
  const thrower = {
    toJSON() {
      throw new Error("no");
    },
  };

  assertThrows(() => toResult({ n: 1n }), InputTypeError, "result: must be JSON");
  assertThrows(() => toResult(cyclic), InputTypeError, "result: must be JSON");
  assertThrows(() => toResult(thrower), InputTypeError, "result: must be JSON: no");
  assertThrows(
    () => toResult("é".repeat(MAX_JSON_BYTES / 2)),
    InputRangeError,
    "result: must be at most 5 MiB",
  );
});

Deno.test("copyJson() copies all of plain JSON, and shares nothing", () => {
  const value = JSON.parse('{"a":[1,{"b":null}],"__proto__":{"polluted":true},"c":"text","constructor":1}');
  const copy = copyJson(value);
  value.a[1].b = "changed";

  assertEquals(
    JSON.stringify(copy),
    '{"a":[1,{"b":null}],"__proto__":{"polluted":true},"c":"text","constructor":1}',
  );
  assertEquals(Object.getPrototypeOf(copy), Object.prototype);
  assertEquals(copyJson("x"), "x");
});
