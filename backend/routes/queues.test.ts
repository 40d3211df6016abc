import type { z } from "@hono/zod-openapi";
import { assertEquals } from "@std/assert";
import { Api } from "../testing/api.ts";
import { entriesOf } from "../testing/audit-entries.ts";
import type { wholeJobSchema } from "./job-schemas.ts";
import type { Role } from "./middleware/auth.ts";

type WholeJob = z.infer<typeof wholeJobSchema>;

const QUEUES = "/api/admin/queues";

interface Queues {
  data: {
    name: string;
    paused: boolean;
    pause: { at: string | null; by: string | null; note: string | null } | null;
    counts: { pending: number; completed: number };
    latency: number;
    throughput: number;
    endedByHour: number[];
  }[];
}

Deno.test("GET /queues shows sizes, latency and pauses", async () => {
  await using api = new Api();
  await api.queue.add("a", 1, { queue: "mail" });
  api.clock.advance(3000);
  await api.queue.add("a", 1, { queue: "mail" });
  await api.queue.pause("empty");
  await api.store.setPaused("old", true); // nobody says who it was

  const { status, body } = await api.call<Queues>("GET", QUEUES);

  assertEquals(status, 200);
  const shown = body.data.map(({ name, paused, counts, latency }) => [name, paused, counts.pending, latency]);
  assertEquals(shown, [["empty", true, 0, 0], ["mail", false, 2, 3000], ["old", true, 0, 0]]);
  const pause = { at: "2026-01-01T00:00:03.000Z", by: null, note: null };
  assertEquals(body.data.map(({ pause }) => pause), [pause, null, null]);
});

Deno.test("GET /queues tells how many jobs of each came to an end, by hour, and how many a minute of late", async () => {
  await using api = new Api();
  const { queue, clock } = api;
  queue.process("ok", () => 1).process("bad", () => {
    throw new Error("no");
  });
  const run = async (name: string, types: string[]) => {
    for (const type of types) await queue.add(type, null, { queue: name, maxAttempts: 1 });
    await queue.drain();
  };
  await run("mail", ["ok", "bad", "ok"]);
  clock.advance(3 * 3_600_000 - 5 * 60_000);
  await run("mail", ["ok"]);
  await run("__proto__", ["ok", "bad"]);
  await queue.cancel(await queue.add("ok", null, { queue: "mail" }));
  clock.advance(5 * 60_000);

  const { body } = await api.call<Queues>("GET", QUEUES);

  const shown = body.data.map(({ name, throughput, endedByHour }) => [name, throughput, endedByHour]);
  const hours = (counts: Record<number, number>) => Array.from({ length: 24 }, (_, i) => counts[i - 24] ?? 0);
  // The last four quarters hold 45 minutes: the present one has just begun.
  assertEquals(shown, [["__proto__", 2 / 45, hours({ [-1]: 2 })], [
    "mail",
    2 / 45,
    hours({ [-4]: 3, [-1]: 2 }),
  ]]);
});

Deno.test("POST /queues/:name/pause keeps jobs from running until resume", async () => {
  await using api = new Api();
  const ran: unknown[] = [];
  api.queue.process("a", (job) => {
    ran.push(job.data);
  });
  await api.queue.add("a", 1, { queue: "mail" });

  const paused = await api.call<unknown>("POST", `${QUEUES}/mail/pause`);
  const pause = { at: "2026-01-01T00:00:00.000Z", by: "admin", note: null };
  assertEquals([paused.status, paused.body], [200, { name: "mail", paused: true, pause }]);
  await api.queue.drain();
  assertEquals(ran, []);

  const resumed = await api.call<unknown>("POST", `${QUEUES}/mail/resume`, { body: {} });
  assertEquals([resumed.status, resumed.body], [200, { name: "mail", paused: false, pause: null }]);
  await api.queue.drain();
  assertEquals(ran, [1]);
});

Deno.test("POST /queues/:name/pause keeps a note, which lists and the audit log tell without its secrets", async () => {
  await using api = new Api();
  const pauses = async () => (await api.call<Queues>("GET", QUEUES)).body.data.map(({ pause }) => pause);
  await api.call("POST", `${QUEUES}/mail/pause`, { body: {} });
  const first = { at: "2026-01-01T00:00:00.000Z", by: "admin", note: null };
  assertEquals(await pauses(), [first]);
  api.clock.advance(1000);
  const again = await api.call<{ pause: unknown }>("POST", `${QUEUES}/mail/pause`);
  assertEquals(again.body.pause, first);

  const body = { note: "ACME is down, password=hunter2" };
  const said = await api.call<{ pause: unknown }>("POST", `${QUEUES}/mail/pause`, { body });

  const masked = "ACME is down, password=[redacted]";
  assertEquals(said.body.pause, { at: "2026-01-01T00:00:01.000Z", by: "admin", note: masked });
  assertEquals(await pauses(), [{ at: "2026-01-01T00:00:01.000Z", by: "admin", note: masked }]);
  const entries = await entriesOf(api, "?action=queue.pause");
  assertEquals(entries.map(({ after }) => after), [{ note: masked }, null, null]);
});

Deno.test("A producer is told that the queue of its job is paused, and not by whom and why", async () => {
  await using api = new Api();
  const { body } = await api.call<{ id: string }>("POST", "/api/admin/jobs", {
    role: "producer",
    body: { type: "a" },
  });
  await api.call("POST", `${QUEUES}/default/pause`, { body: { note: "ACME is down" } });
  const told = async (role: Role, query: string) => {
    const job = await api.call<WholeJob>("GET", `/api/admin/jobs/${body.id}${query}`, { role });
    return job.body.waitsFor.find(({ reason }) => reason === "queue_paused");
  };

  for (const query of ["", "?wait=0"]) {
    assertEquals((await told("viewer", query))?.pause?.note, "ACME is down");
    assertEquals(await told("producer", query), {
      reason: "queue_paused",
      message: 'Queue "default" is paused',
    });
  }
});

Deno.test("Queues of any name can be paused, their name percent-encoded", async () => {
  await using api = new Api();
  for (const name of ["a/b", "ü ß", "100%", "__proto__", "?x=1#y"]) {
    const { body } = await api.call<{ name: string }>("POST", `${QUEUES}/${encodeURIComponent(name)}/pause`);
    assertEquals(body.name, name);
  }
  assertEquals((await api.call<Queues>("GET", QUEUES)).body.data.length, 5);
});

Deno.test("POST /queues/:name/pause refuses names that no queue has, and any field", async () => {
  await using api = new Api();

  for (const name of ["%00", "a".repeat(101), "%20a"]) {
    assertEquals(await api.refusal("POST", `${QUEUES}/${name}/pause`), [400, "invalid_input", "queue"], name);
  }
  const body = { until: "tomorrow" };
  assertEquals(await api.refusal("POST", `${QUEUES}/a/pause`, { body }), [400, "invalid_input", "until"]);
  assertEquals(await api.refusal("POST", `${QUEUES}/a/pause?x=1`), [400, "invalid_input", "x"]);
  for (const note of ["", "a".repeat(201), "a\nb", " a", "\ud800", 7, null, ["a"]]) {
    const refused = await api.refusal("POST", `${QUEUES}/a/pause`, { body: { note } });
    assertEquals(refused, [400, "invalid_input", "note"], JSON.stringify(note));
  }
  const by = { by: "ada" }; // who asks is known by the token
  assertEquals(await api.refusal("POST", `${QUEUES}/a/pause`, { body: by }), [400, "invalid_input", "by"]);
  assertEquals((await api.call<Queues>("GET", QUEUES)).body.data, []);
});
