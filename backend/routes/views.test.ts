import { assertEquals } from "@std/assert";
import { MOST_VIEWS } from "../lib/saved-views.ts";
import { Api } from "../testing/api.ts";

const VIEWS = "/api/admin/views";

interface Views {
  data: { name: string; filter: string; updatedAt: string; updatedBy: string }[];
}

async function shown(api: Api): Promise<[string, string][]> {
  const { body } = await api.call<Views>("GET", VIEWS, { role: "viewer" });
  return body.data.map(({ name, filter }) => [name, filter]);
}

function pathOf(name: string): string {
  return `${VIEWS}/${encodeURIComponent(name)}`;
}

Deno.test("PUT /views/:name saves a view for all who look, and changes one that is known", async () => {
  await using api = new Api();

  const made = await api.call<unknown>("PUT", pathOf("VIP in the EU ★"), { body: { filter: "tag:vip" } });
  const again = await api.call<unknown>("PUT", pathOf("VIP in the EU ★"), {
    body: { filter: "tag:vip data.eu=1" },
  });
  await api.call("PUT", pathOf("a/b?c"), { body: { filter: "status:failed" } });

  assertEquals([made.status, again.status], [201, 200]);
  assertEquals(await shown(api), [["a/b?c", "status:failed"], ["VIP in the EU ★", "tag:vip data.eu=1"]]);
});

Deno.test("DELETE /views/:name removes a view once", async () => {
  await using api = new Api();
  await api.call("PUT", pathOf("a"), { body: { filter: "b" } });

  assertEquals((await api.call("DELETE", pathOf("a"))).status, 204);
  for (const name of ["a", "b".repeat(3_000), "c\u0000"]) {
    assertEquals(await api.refusal("DELETE", pathOf(name)), [404, "not_found"]);
  }
  assertEquals(await shown(api), []);
});

Deno.test("PUT /views/:name refuses wrong names and filters and saves nothing", async () => {
  await using api = new Api();
  const cases: [name: string, body: unknown, field: string][] = [
    [" a", { filter: "b" }, "name"],
    ["a\u0000", { filter: "b" }, "name"],
    ["a".repeat(61), { filter: "b" }, "name"],
    ["a", { filter: "" }, "filter"],
    ["a", { filter: "b".repeat(501) }, "filter"],
    ["a", { filter: 1 }, "filter"],
    ["a", {}, "filter"],
    ["a", { filter: "b", more: 1 }, "more"],
  ];

  for (const [name, body, field] of cases) {
    assertEquals(await api.refusal("PUT", pathOf(name), { body }), [400, "invalid_input", field]);
  }
  assertEquals(await shown(api), []);
});

Deno.test("PUT /views/:name refuses one view too many, and still changes the others", async () => {
  await using api = new Api();
  for (let i = 0; i < MOST_VIEWS; i++) await api.call("PUT", pathOf(`v${i}`), { body: { filter: "a" } });

  assertEquals(await api.refusal("PUT", pathOf("new"), { body: { filter: "a" } }), [409, "too_many_views"]);
  assertEquals((await api.call("PUT", pathOf("v0"), { body: { filter: "b" } })).status, 200);
  assertEquals((await shown(api)).length, MOST_VIEWS);
});
