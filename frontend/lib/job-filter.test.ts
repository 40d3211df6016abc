import { assertEquals } from "@std/assert";
import {
  type Condition,
  filterIn,
  filterQuery,
  filterText,
  parseFilter,
  withCondition,
} from "./job-filter.ts";

const pairs = (conditions: readonly Condition[]) => conditions.map(({ name, value }) => [name, value]);

Deno.test("parseFilter() reads names, paths in data, and text", () => {
  assertEquals(pairs(parseFilter("tag:vip text status:failed data.user.id=42 type:email:send more")), [
    ["status", "failed"],
    ["type", "email:send"],
    ["tag", "vip"],
    ["data.user.id", "42"],
    ["q", "text more"],
  ]);
});

Deno.test("parseFilter() takes several statuses, and of other names the last", () => {
  assertEquals(pairs(parseFilter("status:failed status:pending status:failed queue:a queue:b")), [
    ["status", "failed"],
    ["status", "pending"],
    ["queue", "b"],
  ]);
});

Deno.test("parseFilter() gives any text a meaning", () => {
  assertEquals(pairs(parseFilter('tag: http://x/?a=b "')), [["q", 'http://x/?a=b "']]);
  assertEquals(pairs(parseFilter('type:"a \\"b\\" c" "status:failed"')), [
    ["type", 'a "b" c'],
    ["q", "status:failed"],
  ]);
  assertEquals(parseFilter(""), []);
});

Deno.test("What is written of a filter is read as the same again, as text and as an address", () => {
  const texts = [
    'type:"a b" "status:failed" x',
    'data.a="1 2" "say \\"hi\\""',
    "q:x tag:ä&=# 100%",
    'a"b "q:y" \\',
    "createdBy:ada createdAfter:2026-01-01T00:00:00Z",
  ];
  for (const text of texts) {
    const conditions = parseFilter(text);
    assertEquals(parseFilter(filterText(conditions)), conditions, text);
    assertEquals(filterIn(new URLSearchParams(filterQuery(conditions))), conditions, text);
  }
});

Deno.test("filterIn() leaves out what is no condition", () => {
  const params = new URLSearchParams("type=email&limit=50&cursor=x&evil=1&queue=&data.a=1&data.=2");
  assertEquals(pairs(filterIn(params)), [["type", "email"], ["data.a", "1"]]);
});

Deno.test("withCondition() takes the place of another one of its name", () => {
  const before = parseFilter("type:email queue:a");
  assertEquals(filterText(withCondition(before, { name: "type", value: "sms" })), "type:sms queue:a");
});
