import { assertEquals } from "@std/assert";
import { Endings } from "./endings.ts";

Deno.test("Endings knows how a job ended last, until it runs again", () => {
  const endings = new Endings();
  endings.note({ id: "a", status: "failed" });
  endings.note({ id: "b", status: "completed" });
  endings.note({ id: "a", status: "completed" });
  endings.forget("b");

  assertEquals(endings.get("a"), { id: "a", status: "completed" });
  assertEquals([endings.get("b"), endings.get("c")], [undefined, undefined]);
});

Deno.test("Endings forgets the oldest of more than 10,000", () => {
  const endings = new Endings();
  for (let n = 0; n <= 10_000; n++) endings.note({ id: String(n), status: "completed" });

  assertEquals([endings.get("0"), endings.get("1")?.id], [undefined, "1"]);
});
