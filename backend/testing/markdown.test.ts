import { assertEquals } from "@std/assert";
import { codeBlocks, difference, lineDifference, shownAnswer } from "./markdown.ts";

Deno.test("codeBlocks() finds every fenced block with its info and line", () => {
  const markdown = "# A\n\n```sh run\ncurl x\n```\n\ntext `a`\n```\nplain\n```\n";

  assertEquals(codeBlocks(markdown), [
    { info: "sh run", text: "curl x\n", line: 3 },
    { info: "", text: "plain\n", line: 8 },
  ]);
});

Deno.test("difference() lets objects hold more than is shown, and arrays not", () => {
  assertEquals(difference({ a: 1, b: [{ c: 2, d: 3 }] }, { b: [{ c: 2 }] }), null);
  assertEquals(difference({ a: [1, 2] }, { a: [1] }), ".a: shown with 1 items, is [1,2]");
  assertEquals(difference({ a: [{ b: 1 }] }, { a: [{ b: 2 }] }), ".a.0.b: shown as 2, is 1");
});

Deno.test('difference() takes "…" for anything that is there', () => {
  assertEquals(difference({ id: "x", n: 1, o: {} }, { id: "…", n: "…", o: "…" }), null);
  assertEquals(difference({ id: null }, { id: "…" }), '.id: shown as "…", is missing');
});

Deno.test("shownAnswer() takes the status from the first line, if it stands there", () => {
  const block = (text: string) => ({ info: "jsonc", text, line: 1 });

  assertEquals(shownAnswer(block('// 409\n{ "a": 1 }\n')), { status: 409, body: { a: 1 } });
  assertEquals(shownAnswer(block('{ "a": 1 }\n')), { status: null, body: { a: 1 } });
  assertEquals(shownAnswer(block("// 204\n")), { status: 204, body: undefined });
});

Deno.test("lineDifference() wants every shown line, whole and in order, with anything between", () => {
  const found = 'event: a\ndata: {"id":1}\n\nevent: b\n';

  assertEquals(lineDifference(found, 'event: a\ndata: {"id":…}\nevent: b\n'), null);
  assertEquals(lineDifference(found, "event: b\nevent: a\n"), "shown as event: a, is missing");
  assertEquals(lineDifference(found, "data: {\n"), "shown as data: {, is missing");
});
