import { assertEquals, assertStringIncludes } from "@std/assert";
import { START } from "../../testing/fake-clock.ts";
import { checkDeclaration } from "./definition.ts";
import { create, withRuns } from "./record.ts";
import { readStored } from "./stored.ts";
import { Timing } from "./timing.ts";

const whole = withRuns(
  create(checkDeclaration("* * * * *", { type: "t", data: [1], options: { tags: ["x"] } }, { jitter: 5 }), {
    at: START,
    by: "Ada",
  }, {
    fromCode: true,
    timingOf: (definition, createdAt) => new Timing("t", definition, createdAt),
  }),
  [[1, null], [2, "completed", "tail"]],
);

Deno.test("readStored() reads what was written", () => {
  const value = JSON.parse(JSON.stringify(whole));

  assertEquals(readStored({ key: "a", value, version: "1" }), {
    name: "a",
    version: "1",
    record: whole,
    flaw: null,
  });
});

Deno.test("readStored() says what is wrong, and fires nothing of it", () => {
  const wrong: [unknown, string][] = [
    [null, "enabled"],
    ["text", "enabled"],
    [[], "enabled"],
    [{ ...whole, definition: undefined }, "definition"],
    [{ ...whole, definition: { ...whole.definition, jitter: "x" } }, "jitter"],
    [{ ...whole, definition: { expression: 5 } }, "expression"],
    [{ ...whole, code: "x" }, "code"],
    [{ ...whole, code: { definition: whole.definition } }, "code.enabled"],
    [{ ...whole, enabled: 1 }, "enabled"],
    [{ ...whole, runs: {} }, "runs"],
    [{ ...whole, runs: [null] }, "runs"],
    [{ ...whole, backlog: null }, "backlog"],
    [{ ...whole, nextTickAt: "soon" }, "nextTickAt"],
    [{ ...whole, createdAt: null }, "createdAt"],
    [{ ...whole, createdAt: 1e300 }, "createdAt"],
    [{ ...whole, lastTickAt: 1e300 }, "lastTickAt"],
    [{ ...whole, runs: [[1e300, null]] }, "runs"],
    [{ ...whole, queued: ["soon"] }, "queued"],
    [{ ...whole, changes: [null] }, "changes"],
    [{ ...whole, edited: 5 }, "edited"],
    [{ ...whole, edited: {} }, "edited"],
  ];
  for (const [value, field] of wrong) {
    const { flaw, record } = readStored({ key: "a", value, version: "1" });
    assertStringIncludes(flaw ?? "nothing", field);
    assertEquals([record.enabled, record.nextTickAt], [false, null]);
  }
  const { record } = readStored({
    key: "a",
    value: { definition: { expression: "1 2 3 4 5" } },
    version: "1",
  });
  assertEquals(record.definition.expression, "1 2 3 4 5");
});
