import { assert, assertEquals } from "@std/assert";
import { Releases } from "../lib/releases.ts";
import { Api } from "../testing/api.ts";

interface Counts {
  added: number;
  completed: number;
  failed: number;
  cancelled: number;
  retried: number;
  wait: Record<"p50" | "p95" | "p99", number> | null;
  run: Record<"p50" | "p95" | "p99", number> | null;
}

type Bucket = Counts & { at: string };

interface History {
  from: string;
  to: string;
  step: number;
  data: Bucket[];
  total: Counts;
  types: (Counts & { type: string })[];
}

const PATH = "/api/admin/stats/history";

async function history(api: Api, query = ""): Promise<History> {
  const { status, body } = await api.call<History>("GET", PATH + query, { role: "viewer" });
  assertEquals(status, 200);
  return body;
}

Deno.test("GET /stats/history of an empty store has every bucket of each range, up to the present one", async () => {
  await using api = new Api();
  api.clock.advance(90_000); // 00:01:30
  const ranges = [
    ["1h", 60, 60_000, "2025-12-31T23:02:00.000Z", "2026-01-01T00:02:00.000Z"],
    ["24h", 96, 900_000, "2025-12-31T00:15:00.000Z", "2026-01-01T00:15:00.000Z"],
    ["7d", 84, 7_200_000, "2025-12-25T02:00:00.000Z", "2026-01-01T02:00:00.000Z"],
  ] as const;

  for (const [range, count, step, from, to] of ranges) {
    const { data, total, types, ...rest } = await history(api, `?range=${range}`);

    assertEquals(rest, { from, to, step });
    assertEquals(data.map(({ at }) => Date.parse(at)), data.map((_, i) => Date.parse(from) + i * step));
    assertEquals([data.length, data[0]?.at], [count, from]);
    const { at: _, ...empty } = data[0] as Bucket;
    const nothing = { added: 0, completed: 0, failed: 0, cancelled: 0, retried: 0, wait: null, run: null };
    assertEquals([empty, total, types], [nothing, nothing, []]);
  }
  assertEquals(await history(api), await history(api, "?range=1h"));
});

Deno.test("GET /stats/history counts and times what happened, in its bucket", async () => {
  await using api = new Api();
  api.queue.process("mail:send", () => api.clock.advance(100));
  api.queue.process("bad", () => {
    throw new Error("no");
  }, { maxAttempts: 2, backoff: { type: "fixed", delay: 300_000, jitter: 0 } });
  await api.queue.addMany([{ type: "mail:send", data: 1 }, { type: "bad", data: 1 }]);
  await api.queue.drain();
  api.clock.advance(300_000);
  await api.queue.drain();

  const { data } = await history(api);
  const [first, last] = data.filter(({ added, failed }) => added + failed > 0);

  assertEquals([first?.at, last?.at], ["2026-01-01T00:00:00.000Z", "2026-01-01T00:05:00.000Z"]);
  assertEquals([first?.added, first?.completed, first?.retried, first?.failed], [2, 1, 1, 0]);
  assertEquals([last?.added, last?.completed, last?.retried, last?.failed], [0, 0, 0, 1]);
  const { run } = first as Bucket;
  assert(run !== null && run.p50 <= run.p95 && run.p95 <= run.p99 && run.p99 >= 50);
  const { data: days, total, types } = await history(api, "?range=7d");
  const [whole] = days.slice(-1);
  assertEquals([whole?.added, whole?.completed, whole?.retried, whole?.failed], [2, 1, 1, 1]);
  assertEquals({ at: whole?.at, ...total }, whole);
  const byType = types.map(({ type, completed, failed, retried }) => [type, completed, failed, retried]);
  assertEquals(byType.sort(), [["bad", 0, 1, 1], ["mail:send", 1, 0, 0]]);
  assertEquals(
    types.find(({ type }) => type === "mail:send")?.run,
    (await history(api, "?type=mail")).total.run,
  );
});

Deno.test("GET /stats/versions tells when another version took over", async () => {
  await using api = new Api({ queue: { process: { host: "h", pid: 1, version: "v2", memory: () => 0 } } });
  const versions = async () => {
    return (await api.call("GET", "/api/admin/stats/versions", { role: "viewer" })).body as unknown;
  };
  assertEquals(await versions(), { data: [] });

  await new Releases(api.queue).begin("v1");
  api.clock.advance(60_000);
  await api.queue.start();
  assertEquals(await versions(), { data: [{ version: "v2", at: "2026-01-01T00:01:00.000Z", before: "v1" }] });
});

Deno.test("GET /stats/history shows one type with its family when asked to", async () => {
  await using api = new Api();
  await api.queue.addMany(["mail", "mail:send", "mailing", "__proto__"].map((type) => ({ type, data: 1 })));
  const added = async (query: string) => (await history(api, query)).data.at(-1)?.added;

  assertEquals(await added(""), 4);
  assertEquals(await added("?type=mail"), 2);
  assertEquals(await added("?type=mail:send"), 1);
  assertEquals(await added("?type=__proto__"), 1);
  assertEquals(await added("?type=none"), 0);
});

Deno.test("GET /stats/history refuses other ranges and unknown parameters", async () => {
  await using api = new Api();

  for (const query of ["range=2h", "range=", "range=1h&range=7d", "ranges=1h"]) {
    const [status, code, path] = await api.refusal("GET", `${PATH}?${query}`);
    assertEquals([status, code], [400, "invalid_input"], query);
    assert(path?.startsWith("range"), query);
  }
});
