import { assert, assertEquals } from "@std/assert";
import { Api } from "../testing/api.ts";
import type { JobView } from "./job-view.ts";

const JOBS = "/api/admin/jobs";

interface Page {
  data: (JobView & { omitted?: string[] })[];
  nextCursor: string | null;
  scanned?: number;
}

Deno.test("GET /jobs filters by each field, and all conditions must hold", async () => {
  await using api = new Api();
  const add = (type: string, data: unknown, options = {}) => api.queue.add(type, data, options);
  const a = await add("email:send", { user: { id: 7 }, note: "Hello" }, { queue: "mail", tags: ["x"] });
  api.clock.advance(60_000);
  const b = await add("email:bulk", { user: { id: 8 } }, { delay: 1000, createdBy: "billing" });
  const c = await add("emails", { n: 1 });
  await api.queue.cancel(c);
  const list = async (query: string) => {
    const { status, body } = await api.call<Page>("GET", `${JOBS}?${query}`);
    assertEquals(status, 200, query);
    return body.data.map(({ id }) => id).sort();
  };

  const cases: [string, string[]][] = [
    ["", [a, b, c]],
    ["status=pending", [a]],
    ["status=scheduled&status=cancelled", [b, c]],
    ["type=email", [a, b]],
    ["type=email:send", [a]],
    ["queue=mail", [a]],
    ["tag=x", [a]],
    ["q=HELLO", [a]],
    ["q=bulk", [b]],
    ["data.user.id=8", [b]],
    ["data.user.id=7&data.note=Hello", [a]],
    ["data.user.id=7&data.note=other", []],
    ["createdBy=billing", [b]],
    ["createdAfter=2026-01-01T00:00:30Z", [b, c]],
    ["createdBefore=2026-01-01T00:01:00Z", [a]],
    ["createdBefore=2026-01-01T01:01:00%2B01:00", [a]],
    ["finishedAfter=2026-01-01T00:01:00Z", [c]],
    ["finishedBefore=2026-01-01T00:01:00Z", []],
    ["type=email&status=scheduled&queue=default", [b]],
  ];
  for (const [query, ids] of cases) assertEquals(await list(query), ids.sort(), query);
});

Deno.test("GET /jobs pages through all jobs once, newest first", async () => {
  await using api = new Api();
  const ids: string[] = [];
  for (let i = 0; i < 7; i++) ids.unshift(await api.queue.add("a", i));

  const seen: string[] = [];
  let cursor: string | null = "";
  for (let pages = 0; cursor !== null; pages++) {
    assert(pages < 5);
    const next: string = cursor === "" ? "" : `&cursor=${cursor}`;
    const { body } = await api.call<Page>("GET", `${JOBS}?limit=3${next}`);
    seen.push(...body.data.map(({ id }) => id));
    assertEquals(body.scanned, undefined);
    cursor = body.nextCursor;
  }

  assertEquals(seen, ids);
});

Deno.test("GET /jobs says how far it looked when it found too little", async () => {
  await using api = new Api();
  for (let i = 0; i < 3; i++) {
    await api.queue.addMany(
      Array.from({ length: 1000 }, (_, n) => ({ type: "a", data: { n: n + 1000 * i } })),
    );
  }

  const { body } = await api.call<Page>("GET", `${JOBS}?data.n=5`);

  assertEquals(body.data, []);
  assertEquals(body.scanned, 2000);
  const more = await api.call<Page>("GET", `${JOBS}?data.n=5&cursor=${body.nextCursor}`);
  assertEquals(more.body.data.map(({ data }) => data), [{ n: 5 }]);
});

Deno.test("GET /jobs leaves out data that is too long for a list, and says so", async () => {
  await using api = new Api();
  const id = await api.queue.add("a", { text: "x".repeat(30_000) });

  const { data } = (await api.call<Page>("GET", JOBS)).body;
  const whole = await api.call<JobView>("GET", `${JOBS}/${id}`);

  assertEquals([data[0]?.data, data[0]?.omitted], [null, ["data"]]);
  assertEquals(JSON.stringify(whole.body.data).length, 30_011);
});
