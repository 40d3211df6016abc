import { assertEquals, assertFalse } from "@std/assert";
import { Emitter } from "./events.ts";

interface Events {
  tick: number;
  tock: string;
}

function setup() {
  const thrown: [unknown, string][] = [];
  return { emitter: new Emitter<Events>((error, event) => thrown.push([error, event])), thrown };
}

Deno.test("Emitter.emit() calls the listeners of that event, in order, until they are removed", () => {
  const { emitter } = setup();
  const heard: string[] = [];
  const off = emitter.on("tick", (n) => void heard.push(`a${n}`));
  emitter.on("tick", (n) => void heard.push(`b${n}`));
  emitter.on("tock", (text) => void heard.push(text));

  emitter.emit("tick", 1);
  off();
  off();
  emitter.emit("tick", 2);

  assertEquals(heard, ["a1", "b1", "b2"]);
});

Deno.test("Emitter.on() takes one function twice, each with its own end", () => {
  const { emitter } = setup();
  let heard = 0;
  const listener = () => void heard++;
  const off = emitter.on("tick", listener);
  emitter.on("tick", listener);

  off();
  emitter.emit("tick", 1);

  assertEquals(heard, 1);
});

Deno.test("Emitter.emit() is disturbed neither by what a listener throws nor by what its promise rejects with", async () => {
  const { emitter, thrown } = setup();
  let heard = 0;
  emitter.on("tick", () => {
    throw "sync";
  });
  emitter.on("tick", () => Promise.reject("async"));
  emitter.on("tick", () => void heard++);

  emitter.emit("tick", 1);
  await Promise.resolve();
  await Promise.resolve();

  assertEquals(heard, 1);
  assertEquals(thrown, [["sync", "tick"], ["async", "tick"]]);
});

Deno.test("Emitter.emit() leaves out listeners added meanwhile", () => {
  const { emitter } = setup();
  let heard = 0;
  emitter.on("tick", () => void emitter.on("tick", () => void heard++));

  emitter.emit("tick", 1);
  assertEquals(heard, 0);
  emitter.emit("tick", 2);
  assertEquals(heard, 1);
});

Deno.test("Emitter.has() tells whether anybody listens", () => {
  const { emitter } = setup();
  assertFalse(emitter.has("tick"));
  const off = emitter.on("tick", () => {});
  assertEquals([emitter.has("tick"), emitter.has("tock")], [true, false]);
  off();
  assertFalse(emitter.has("tick"));
});
