import { assertEquals } from "@std/assert";
import { HandlerRegistry } from "./handlers.ts";
import { Lanes } from "./lanes.ts";

function setup(families?: string[]) {
  const registry = new HandlerRegistry();
  registry.add("a", () => {}, { concurrency: 2 });
  registry.add("b:c", () => {}, undefined);
  const lanes = new Lanes(registry, families);
  lanes.update();
  return { registry, lanes };
}

Deno.test("Lanes.wanted() gives each type its free slots, those that are full or dry none", () => {
  const { lanes } = setup();
  assertEquals([...lanes.wanted(5)], [["a", 2], ["b:c", 5]]);
  lanes.get("a")!.held = 2;
  assertEquals([...lanes.wanted(5)], [["b:c", 5]]);
  lanes.foundNone(lanes.wanted(5));
  assertEquals([...lanes.wanted(5)], []);
  lanes.get("a")!.held = 1; // a was full when asked, so nothing is known of it
  assertEquals([...lanes.wanted(5)], [["a", 1]]);
  lanes.refill();
  assertEquals([...lanes.wanted(5)], [["a", 1], ["b:c", 5]]);
});

Deno.test("Lanes takes in types of its families that are registered later", () => {
  const { lanes, registry } = setup(["b"]);
  registry.add("b", () => {}, undefined);
  registry.add("bc", () => {}, undefined);
  lanes.update();

  assertEquals(lanes.types(), ["b:c", "b"]);
});

Deno.test("Lanes.hasAny() tells whether one of the types is handled here", () => {
  const { lanes } = setup(["b"]);

  assertEquals(
    [new Set(["a", "b:c"]), new Set(["a"]), new Set<string>()].map((types) => lanes.hasAny(types)),
    [
      true,
      false,
      false,
    ],
  );
});
