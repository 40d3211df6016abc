import { assertEquals, assertInstanceOf, assertThrows } from "@std/assert";
import { InputTypeError } from "../lib/errors.ts";
import { KvStore } from "./kv/store.ts";
import { MemoryStore } from "./memory.ts";
import { storeAt } from "./open.ts";

Deno.test("storeAt() makes the store that the address names, not opened yet", async () => {
  assertInstanceOf(await storeAt("memory:", { workerId: "mine" })(), MemoryStore);
  assertInstanceOf(await storeAt("kv:./never-opened.db")(), KvStore);
});

Deno.test("storeAt() refuses other addresses at once, and shows nothing of them but the scheme", () => {
  const refused: [unknown, string][] = [
    ["postgres://ada:secret@db/jobs", '"postgres:…"'],
    ["https://ada:secret@kv.example", '"https:…"'],
    ["redis:", '"redis:"'],
    ["kv:", '"kv:"'],
    ["memory:x", '"memory:…"'],
    ["./data/secret.db", "no scheme"],
    ["", "no scheme"],
    [5, "5"],
  ];
  for (const [url, found] of refused) {
    const error = assertThrows(() => storeAt(url as string), InputTypeError);
    assertEquals(error.message.endsWith(`found ${found}`), true, error.message);
    assertEquals(error.message.includes("secret"), false);
  }
});
