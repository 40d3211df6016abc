import { assertEquals } from "@std/assert";
import { Agenda, type Plan } from "./agenda.ts";

function plan(
  fireAt: number,
  awaits: readonly string[] = [],
  foreignTickAt: number | null = null,
): Plan {
  return { fireAt, awaits, foreignTickAt };
}

Deno.test("Agenda knows what is due next, whatever was moved, and in which order", () => {
  const agenda = new Agenda();
  assertEquals([agenda.nextAt, agenda.due(9e15)], [Infinity, []]);
  const due = new Map<string, number>();
  let seed = 1;
  for (let n = 0; n < 2_000; n++) {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    const name = `s${seed % 20}`;
    if (seed % 7 === 0) {
      agenda.delete(name);
      due.delete(name);
    } else {
      const at = seed % 5 === 0 ? Infinity : seed % 1000;
      agenda.set(name, plan(at));
      due.set(name, at);
    }
    assertEquals(agenda.nextAt, Math.min(Infinity, ...due.values()));
  }
  const expected = [...due].filter(([, at]) => at <= 500).sort(([a, x], [b, y]) => x - y || (a < b ? -1 : 1));
  assertEquals(agenda.due(500), expected.map(([name]) => name));
  assertEquals(agenda.names().sort(), [...due.keys()].sort());
});

Deno.test("Agenda.ended() makes the schedule due whose ticks wait for the job", () => {
  const agenda = new Agenda();
  agenda.set("a", plan(1000, ["job-1", "job-2"]));
  agenda.set("b", plan(1000));

  assertEquals(agenda.waiting(), ["a"]);
  assertEquals(agenda.ended("job-3"), false);
  assertEquals(agenda.ended("job-2"), true);
  assertEquals([agenda.nextAt, agenda.due(0)], [-Infinity, ["a"]]);
  agenda.set("a", plan(1000));
  assertEquals([agenda.ended("job-1"), agenda.waiting()], [false, []]);
  agenda.set("a", plan(1000, ["job-4"]));
  agenda.delete("a");
  assertEquals([agenda.ended("job-4"), agenda.waiting()], [false, []]);
});

Deno.test("Agenda.foreign() lists those that other programs declare, by their next tick", () => {
  const agenda = new Agenda();
  agenda.set("a", plan(Infinity, [], 5));
  agenda.set("b", plan(1));
  agenda.set("c", plan(Infinity, [], Infinity));

  assertEquals(agenda.foreign(4), []);
  assertEquals(agenda.foreign(5), ["a"]);
  assertEquals(agenda.foreign(Infinity), ["a", "c"]);
});
