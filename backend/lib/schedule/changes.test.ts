import { assert, assertEquals } from "@std/assert";
import { utf8Length } from "../json.ts";
import { changed, type ScheduleChange } from "./changes.ts";
import { checkDefinition } from "./definition.ts";

const BY = { at: 5, by: "Ada" };

function shape(given: Record<string, unknown> = {}, changes: readonly ScheduleChange[] = []) {
  return { definition: checkDefinition({ expression: "* * * * *", ...given }), enabled: true, changes };
}

Deno.test("changed() holds the fields that changed, before and after", () => {
  assertEquals(changed(shape(), { ...shape({ jitter: 5 }), enabled: false }, "updated", BY), [{
    ...BY,
    what: "updated",
    before: { jitter: 0, enabled: true },
    after: { jitter: 5, enabled: false },
  }]);
  assertEquals(changed(shape(), shape(), "in code again", BY)[0]?.before, null);
});

Deno.test("changed() keeps 20 changes, fewer if they are long, and cuts what is very long", () => {
  let changes: readonly ScheduleChange[] = [];
  const job = (fill: string) => ({ job: { type: "t", data: fill.repeat(3_000) } });
  for (let n = 0; n < 30; n++) changes = changed(shape({}, changes), shape({ jitter: n + 1 }), "updated", BY);
  assertEquals(changes.length, 20);
  assertEquals(changes.at(-1)?.after, { jitter: 30 });
  for (let n = 0; n < 30; n++) changes = changed(shape(job("a"), changes), shape(job("€")), "updated", BY);

  assert(utf8Length(JSON.stringify(changes)) < 9_000);
  assert(changes.length > 3);
});
