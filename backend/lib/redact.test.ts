import { assertEquals, assertThrows } from "@std/assert";
import { systemClock } from "./clock.ts";
import { InputRangeError, InputTypeError } from "./errors.ts";
import { createRedactor, MASK } from "./redact.ts";

const redactor = createRedactor();

Deno.test("Redactor.value() masks secret fields at any depth and in any case", () => {
  const data = {
    password: "a",
    user: { Token: 1, list: [{ APIKEY: { inner: true }, name: "Ada" }] },
    headers: { Authorization: ["Bearer x"] },
    secret: null,
    tokens: "kept",
  };

  assertEquals(redactor.value(data), {
    password: MASK,
    user: { Token: MASK, list: [{ APIKEY: MASK, name: "Ada" }] },
    headers: { Authorization: MASK },
    secret: null,
    tokens: "kept",
  });
  assertEquals(data.password, "a");
});

Deno.test("Redactor.value() keeps a field called __proto__ a field, and masks inside it", () => {
  const masked = redactor.value(JSON.parse('{"__proto__":{"token":"x","a":1}}'));

  assertEquals(JSON.stringify(masked), `{"__proto__":{"token":"${MASK}","a":1}}`);
  assertEquals(({} as Record<string, unknown>).token, undefined);
});

Deno.test("Redactor.value() shows nothing of what lies too deep to be looked at", () => {
  let deep: unknown = { token: "x" };
  for (let i = 0; i < 3000; i++) deep = [deep];

  assertEquals(JSON.stringify(redactor.value(deep)).includes('"x"'), false);
});

Deno.test("Redactor.text() masks values that follow a secret's name", () => {
  const cases = [
    ["login failed: password=hunter2, user=ada", `login failed: password=${MASK}, user=ada`],
    ["Authorization: Bearer abc.def", `Authorization: ${MASK}`],
    ['{"token":"a b","x":1}', `{"token":${MASK},"x":1}`],
    ['{\\"token\\":\\"abc\\",\\"x\\":1}', `{\\"token\\":${MASK},\\"x\\":1}`],
    [`secret = 'a b' c`, `secret = ${MASK} c`],
    ['cut short: {"apiKey":"abc de', `cut short: {"apiKey":${MASK}`],
    ["GET /?token=abc&x=1", `GET /?token=${MASK}&x=1`],
    ["The token is too old", "The token is too old"],
    ["tokens: 5", "tokens: 5"],
  ] as const;
  for (const [text, masked] of cases) assertEquals(redactor.text(text), masked);
});

Deno.test("Redactor.text() takes time in proportion to the text", () => {
  const started = systemClock.monotonic();
  for (const part of ["token", 'token:"', "token   ", "token\\", "token='", "token: bearer "]) {
    redactor.text(part.repeat(100_000));
  }
  if (systemClock.monotonic() - started > 5000) throw new Error("It takes far longer than it should");
});

Deno.test("Redactor.restore() puts what is stored where a mask came back", () => {
  const stored = { token: "s1", user: { password: { hash: "s2" } }, list: [{ secret: "s3" }], note: MASK };

  assertEquals(
    redactor.restore({
      token: MASK,
      user: { password: MASK, name: "new" },
      list: [{ secret: MASK }],
      note: MASK,
    }, stored),
    { token: "s1", user: { password: { hash: "s2" }, name: "new" }, list: [{ secret: "s3" }], note: MASK },
  );
  assertEquals(redactor.restore({ token: "changed" }, stored), { token: "changed" });
  assertEquals(redactor.restore(["x"], stored), ["x"]);
});

Deno.test("Redactor.restore() refuses a mask where nothing is stored, and names the field", () => {
  const cases: [unknown, unknown, string][] = [
    [{ user: { token: MASK } }, { user: {} }, "data.user.token"],
    [{ list: [{ a: 1 }, { token: MASK }] }, { list: [{ token: "x" }] }, "data.list[1].token"],
    [[{ token: MASK }], [{ token: "gone" }, { token: "kept" }], "data[0].token"],
    [{ token: MASK }, null, "data.token"],
    [JSON.parse(`{"__proto__":{"token":"${MASK}"}}`), {}, "data.__proto__.token"],
  ];
  for (const [edited, stored, path] of cases) {
    const error = assertThrows(() => redactor.restore(edited, stored), InputRangeError);
    assertEquals(error.issues[0]?.path, path);
  }
});

Deno.test("Redactor.restore() refuses data that is too deep before it walks into it", () => {
  let deep: unknown = [];
  for (let i = 0; i < 100_000; i++) deep = [deep];

  assertThrows(() => redactor.restore(deep, deep), InputRangeError);
  assertThrows(() => redactor.restore(() => {}, {}), InputTypeError);
});

Deno.test("createRedactor() of other names masks those alone, of none nothing", () => {
  assertEquals(createRedactor(["a.b"]).value({ "A.B": 1, token: 2 }), { "A.B": MASK, token: 2 });
  assertEquals(createRedactor(["a.b"]).text("a.b=1 axb=2"), `a.b=${MASK} axb=2`);
  assertEquals(createRedactor([]).text("token=1"), "token=1");
});
