import { assertEquals } from "@std/assert";
import type { Kill } from "./fleet.ts";
import { runsOf, timeToKill, wasCutOff, wasRefused } from "./runs.ts";

const kill: Kill = { process: "0.1", at: 100, moment: "any", underWay: new Set() };
const kills = new Map([[kill.process, kill]]);

function runOf(process: string, arrivedAt: number, answeredAt: number | null, status = 200) {
  return runsOf([{ process, arrivedAt, answeredAt, status }], kills)[0]!;
}

Deno.test("runsOf() puts runs in the order in which they were begun", () => {
  const deliveries = [
    { process: "1.1", arrivedAt: 110, answeredAt: 110, status: 200 },
    { process: "0.1", arrivedAt: 120, answeredAt: 120, status: 200 }, // sent before the kill, seen late
    { process: "1.1", arrivedAt: 50, answeredAt: 50, status: 500 },
  ];

  assertEquals(runsOf(deliveries, kills).map(({ arrivedAt }) => arrivedAt), [50, 120, 110]);
});

Deno.test("A run was cut off if the kill came before the answer", () => {
  assertEquals([wasCutOff(runOf("0.1", 10, null)), wasCutOff(runOf("0.1", 10, 101))], [true, true]);
  assertEquals([wasCutOff(runOf("0.1", 10, 100)), wasCutOff(runOf("1.1", 10, null))], [false, false]);
});

Deno.test("A run was refused if it was answered, and not with 200", () => {
  assertEquals(wasRefused(runOf("0.1", 10, 11, 500)), true);
  assertEquals([wasRefused(runOf("0.1", 10, null, 500)), wasRefused(runOf("0.1", 10, 11))], [false, false]);
});

Deno.test("timeToKill() is the time between the answer and the kill", () => {
  assertEquals(timeToKill(runOf("0.1", 10, 40)), 60);
  assertEquals([timeToKill(runOf("0.1", 10, null)), timeToKill(runOf("0.1", 10, 140))], [0, 0]);
  assertEquals(timeToKill(runOf("1.1", 10, 40)), Infinity);
});
