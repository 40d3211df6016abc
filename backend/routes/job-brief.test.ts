import { assert, assertEquals } from "@std/assert";
import { Api } from "../testing/api.ts";
import type { Cut } from "./job-brief.ts";
import type { JobView } from "./job-view.ts";

type Brief = JobView & { cuts?: Cut[] };

async function briefOf(data: unknown): Promise<Brief> {
  await using api = new Api();
  const id = await api.queue.add("a", data);
  return (await api.call<Brief>("GET", `/api/admin/jobs/${id}?brief=true`)).body;
}

Deno.test("GET /jobs/:id?brief=true gives what is short as it is", async () => {
  for (const data of [null, 0, "text", [], { a: [{ __proto__: null, b: [1, "2"] }] }]) {
    const { data: found, cuts } = await briefOf(data);
    assertEquals([found, cuts], [JSON.parse(JSON.stringify(data)), undefined]);
  }
  const long = Array.from({ length: 1000 }, (_, i) => i);
  assertEquals((await briefOf(long)).data, long);
  const odd = await briefOf(JSON.parse('{"__proto__":{"a":1}}'));
  assertEquals(JSON.stringify(odd.data), '{"__proto__":{"a":1}}');
});

Deno.test("GET /jobs/:id?brief=true cuts long texts, lists and objects, and says where", async () => {
  const rows = Array.from({ length: 100_000 }, (_, i) => ({ i }));
  const { data, cuts } = await briefOf({ first: { note: "x".repeat(1999) + "😀😀" }, rows, last: "z" });

  const found = data as { first: { note: string }; rows: { i: number }[]; last: string };
  assertEquals([found.first.note, found.last], ["x".repeat(1999), "z"]);
  assertEquals([found.rows.length, found.rows[199]], [200, { i: 199 }]);
  assertEquals(cuts, [
    { path: ["data", "rows"], kept: 200, of: 100_000 },
    { path: ["data", "first", "note"], kept: 1999, of: 2003 },
  ]);
});

Deno.test("GET /jobs/:id?brief=true stays small, however data is built, and shows no secret's inside", async () => {
  const texts = Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`k${i}`, "y".repeat(5000)]));
  const names = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`${i}`.padEnd(200_000), 1]));
  let deep: unknown = texts;
  for (let i = 0; i < 150; i++) deep = [deep];
  for (const data of [texts, names, deep, "t".repeat(5_000_000), { token: texts }]) {
    const brief = await briefOf(data);
    assert(JSON.stringify(brief).length < 30_000);
    assert(brief.cuts === undefined || !JSON.stringify(brief.cuts).includes("token"));
  }
});
