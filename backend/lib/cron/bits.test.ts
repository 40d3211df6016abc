import { assertEquals } from "@std/assert";
import { Random } from "../../testing/crash/random.ts";
import { Bits } from "./bits.ts";

Deno.test("Bits finds the members around any number, as a sorted list would", () => {
  const random = new Random(1);
  for (let round = 0; round < 200; round++) {
    const members = [...new Set(Array.from({ length: random.between(0, 12) }, () => random.between(0, 63)))]
      .sort((a, b) => a - b);
    const bits = new Bits();
    for (const member of members) bits.add(member);

    assertEquals(bits.values(), members);
    for (let value = 0; value < 64; value++) {
      assertEquals(bits.has(value), members.includes(value));
      assertEquals(bits.next(value), members.find((member) => member >= value) ?? -1, `next(${value})`);
      assertEquals(bits.prev(value), members.findLast((member) => member <= value) ?? -1, `prev(${value})`);
    }
    assertEquals([bits.next(64), bits.prev(-1)], [-1, -1]);
  }
});

Deno.test("Bits.add() takes steps up to the last", () => {
  const bits = new Bits();
  bits.add(5, 59, 20);
  bits.add(31);

  assertEquals(bits.values(), [5, 25, 31, 45]);
});
