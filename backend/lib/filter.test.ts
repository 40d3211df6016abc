import { assertEquals, assertThrows } from "@std/assert";
import { makeJob } from "../testing/factories.ts";
import { START } from "../testing/fake-clock.ts";
import { InputRangeError } from "./errors.ts";
import { decodeCursor, encodeCursor, matches, typeMatches } from "./filter.ts";
import type { JobFilter } from "./store.ts";

const job = makeJob({
  id: "Order-1",
  type: "email:send",
  queue: "mail",
  tags: ["vip"],
  createdBy: "ada",
  createdAt: START,
  data: {
    user: { name: "Zoë", Token: "secret-1", nested: { token: "secret-2" } },
    items: [{ sku: "X-7" }, "plain"],
    n: 0,
    ok: false,
    none: null,
  },
});

function finds(filter: JobFilter): boolean {
  return matches(job, filter);
}

Deno.test("typeMatches() knows a type and its family, not what merely begins alike", () => {
  assertEquals(
    ["email", "email:send", "emails", "emai", "email:", "other"].map((type) => typeMatches(type, "email")),
    [true, true, false, false, true, false],
  );
  assertEquals(typeMatches("email", "email:send"), false);
});

Deno.test("matches() is true of an empty filter and asks for every condition given", () => {
  assertEquals(finds({}), true);
  assertEquals(
    finds({ status: ["pending", "failed"], type: "email", queue: "mail", tag: "vip", createdBy: "ada" }),
    true,
  );
  for (
    const filter of [
      { status: ["failed"] },
      { status: [] },
      { type: "send" },
      { queue: "Mail" },
      { tag: "vi" },
      { createdBy: "bob" },
      { status: ["pending"], queue: "default" },
    ] satisfies JobFilter[]
  ) {
    assertEquals(finds(filter), false, JSON.stringify(filter));
  }
});

Deno.test("matches() takes the start of a range in and leaves its end out", () => {
  assertEquals(finds({ createdAfter: START }), true);
  assertEquals(finds({ createdAfter: START + 1 }), false);
  assertEquals(finds({ createdBefore: START }), false);
  assertEquals(finds({ createdBefore: START + 1 }), true);
  const finished = makeJob({ status: "completed", finishedAt: START });
  assertEquals(matches(finished, { finishedAfter: START, finishedBefore: START + 1 }), true);
  assertEquals(matches(finished, { finishedAfter: START + 1 }), false);
  assertEquals(matches(finished, { finishedBefore: START }), false);
});

Deno.test("matches() finds no unfinished job by when it finished", () => {
  assertEquals(finds({ finishedAfter: -Infinity }), true);
  assertEquals(finds({ finishedAfter: 0 }), false);
  assertEquals(finds({ finishedBefore: Number.MAX_SAFE_INTEGER }), false);
});

Deno.test("matches() compares a path of data as text, in its own fields only", () => {
  for (
    const [path, value] of [["user.name", "Zoë"], ["items.0.sku", "X-7"], ["items.1", "plain"], ["n", "0"], [
      "ok",
      "false",
    ], ["none", "null"]] as const
  ) {
    assertEquals(finds({ data: [{ path, value }] }), true, path);
    assertEquals(finds({ data: [{ path, value: `${value}x` }] }), false, path);
  }
  for (
    const path of ["user", "items", "user.missing", "n.x", "constructor", "__proto__", "items.length", ""]
  ) {
    assertEquals(finds({ data: [{ path, value: "[object Object]" }] }), false, path);
  }
  assertEquals(finds({ data: [{ path: "n", value: "0" }, { path: "ok", value: "true" }] }), false);
  assertEquals(matches(makeJob({ data: "text" }), { data: [{ path: "0", value: "t" }] }), false);
});

Deno.test("matches() finds text in id, type, names and values of data, in any case", () => {
  for (const text of ["order-1", "EMAIL", "zoë", "x-7", "plain", "SKU", "nested", "false", "0", ""]) {
    assertEquals(finds({ text }), true, text);
  }
  for (const text of ["vip", "ada", "missing"]) assertEquals(finds({ text }), false, text);
  assertEquals(matches(makeJob({ id: "a", type: "t", data: undefined }), { text: "undefined" }), false);
});

Deno.test("matches() never searches redacted fields, at any depth and in any case", () => {
  assertEquals(finds({ text: "secret-1" }), true);
  assertEquals(finds({ text: "secret-2" }), true);
  const redact = ["tOKEN"];
  assertEquals(finds({ text: "secret", redact }), false);
  assertEquals(finds({ text: "token", redact }), false);
  assertEquals(finds({ text: "zoë", redact }), true);
  assertEquals(finds({ data: [{ path: "user.Token", value: "secret-1" }], redact }), false);
  assertEquals(finds({ data: [{ path: "user.nested.token", value: "secret-2" }], redact }), false);
  assertEquals(finds({ text: "x-7", redact: ["items"] }), false);
  assertEquals(finds({ data: [{ path: "items.0.sku", value: "X-7" }], redact: ["items"] }), false);
});

Deno.test("A cursor gives its position back to the same filter, whatever is in it", () => {
  for (const position of [0, "", "Zoë 🚀 \u0000", [1, null, { a: ["b"] }], -1.5, null]) {
    const cursor = encodeCursor({ tag: "t" }, position);
    assertEquals(/^[A-Za-z0-9_-]+$/.test(cursor), true, cursor);
    assertEquals(decodeCursor({ tag: "t" }, cursor), position);
  }
});

Deno.test("A cursor that was changed, or belongs to another filter, is refused by name", () => {
  const cursor = encodeCursor({ tag: "t" }, ["position", 1]);
  const wrong = ["", "x", "!!", "====", cursor.slice(1), cursor.slice(0, -1), `${cursor}A`, "漢字"];
  for (let i = 0; i < cursor.length; i++) {
    const other = cursor[i] === "A" ? "B" : "A";
    wrong.push(cursor.slice(0, i) + other + cursor.slice(i + 1));
  }
  for (const text of wrong) {
    const error = assertThrows(() => decodeCursor({ tag: "t" }, text), InputRangeError, "cursor: ");
    assertEquals(error.issues[0]?.path, "cursor");
  }
  assertThrows(() => decodeCursor({ tag: "u" }, cursor), InputRangeError);
  assertThrows(() => decodeCursor({}, cursor), InputRangeError);
});
