import { assert, assertEquals } from "@std/assert";
import { START } from "../testing/fake-clock.ts";
import { createSeq, isUuid } from "./ids.ts";

Deno.test("createSeq() makes UUIDs of version 7 that begin with their time", () => {
  const id = createSeq()(START);

  assert(isUuid(id));
  assertEquals(id[14], "7");
  assertEquals(parseInt(id.slice(0, 8) + id.slice(9, 13), 16), START);
});

Deno.test("createSeq() makes ids that ascend, within a millisecond and when the clock steps back", () => {
  const seq = createSeq();
  const times = [START, START, START, START + 1, START - 60_000, START - 60_000, START + 1, START + 2];
  const ids = [...times.map(seq), ...Array.from({ length: 10_000 }, () => seq(START + 2))];

  assertEquals(ids, ids.toSorted());
  assertEquals(new Set(ids).size, ids.length);
});

Deno.test("createSeq() never makes the id another one made", () => {
  const ids = Array.from({ length: 100 }, () => createSeq()(START));

  assertEquals(new Set(ids).size, ids.length);
});

Deno.test("isUuid() knows UUIDs from other ids", () => {
  assertEquals(isUuid("019b76da-a800-7000-8000-000000000000"), true);
  for (
    const id of ["", "order-1", "019b76daa80070008000000000000000", "019b76da-a800-7000-8000-00000000000g"]
  ) {
    assertEquals(isUuid(id), false, id);
  }
});
