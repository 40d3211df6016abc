import { assert, assertEquals } from "@std/assert";
import { Api } from "../testing/api.ts";
import { MASK } from "../lib/redact.ts";
import type { JobView } from "./job-view.ts";

const JOBS = "/api/admin/jobs";

interface Logs {
  data: { message: string; level: string; at: string; attempt: number; fields?: Record<string, unknown> }[];
  nextCursor: string | null;
}

Deno.test("POST /jobs/:id/retry makes a finished job pending again, with and without a body", async () => {
  await using api = new Api();
  for (const body of [undefined, {}, ""]) {
    const id = await api.queue.add("a", 1);
    await api.queue.cancel(id);

    const answer = await api.call<JobView>("POST", `${JOBS}/${id}/retry`, { body });

    assertEquals([answer.status, answer.body.id, answer.body.status], [200, id, "pending"]);
  }
});

Deno.test("POST /jobs/:id/retry answers 409 while the job waits or runs, also with changed data", async () => {
  await using api = new Api();
  const started = Promise.withResolvers<void>();
  const go = Promise.withResolvers<void>();
  api.queue.process("a", () => {
    started.resolve();
    return go.promise;
  });
  const waiting = await api.queue.add("b", 1);
  const running = await api.queue.add("a", 1);
  const drained = api.queue.drain();
  await started.promise;

  for (const id of [waiting, running]) {
    for (const body of [undefined, { data: 2 }]) {
      assertEquals(await api.refusal("POST", `${JOBS}/${id}/retry`, { body }), [409, "invalid_status"]);
    }
  }
  assertEquals(await api.count(), 2);
  go.resolve();
  await drained;
});

Deno.test("POST /jobs/:id/cancel cancels a waiting job, asks a running one to stop, and keeps a finished one", async () => {
  await using api = new Api();
  const started = Promise.withResolvers<void>();
  api.queue.process("a", async (job) => {
    started.resolve();
    await new Promise((resolve) => job.signal.addEventListener("abort", resolve));
  });
  const waiting = await api.queue.add("b", 1);
  const running = await api.queue.add("a", 1);
  const drained = api.queue.drain();
  await started.promise;
  const cancel = async (id: string) => {
    const { status, body } = await api.call<JobView>("POST", `${JOBS}/${id}/cancel`);
    return [status, body.status];
  };

  assertEquals(await cancel(waiting), [200, "cancelled"]);
  assertEquals(await cancel(running), [202, "running"]);
  await drained;
  for (const id of [waiting, running]) {
    assertEquals(await api.refusal("POST", `${JOBS}/${id}/cancel`), [409, "invalid_status"]);
    assertEquals((await api.queue.get(id))?.status, "cancelled");
  }
});

Deno.test("POST /jobs/:id/retry with changed data makes a new job that names the old one", async () => {
  await using api = new Api();
  const old = await api.queue.add("a", { n: 1 }, { priority: 3, tags: ["x"] });
  await api.queue.cancel(old);

  const { status, headers, body } = await api.call<JobView>("POST", `${JOBS}/${old}/retry`, {
    body: { data: { n: 2 } },
  });

  assertEquals(status, 201);
  assertEquals(headers.get("Location"), `${JOBS}/${body.id}`);
  assertEquals([body.retryOf, body.data, body.priority, body.tags], [old, { n: 2 }, 3, ["x"]]);
  assertEquals((await api.queue.get(old))?.status, "cancelled");
  const none = await api.call<JobView>("POST", `${JOBS}/${old}/retry`, { body: { data: null } });
  assertEquals([none.status, none.body.data], [201, null]);
});

Deno.test("POST /jobs/:id/retry keeps the stored value where a mask comes back", async () => {
  await using api = new Api();
  const id = await api.queue.add("a", { token: "s1", list: [{ password: "s2", n: 1 }] });
  await api.queue.cancel(id);
  const { data } = (await api.call<JobView>("GET", `${JOBS}/${id}`)).body;
  assertEquals(data, { token: MASK, list: [{ password: MASK, n: 1 }] });

  const { body } = await api.call<JobView>("POST", `${JOBS}/${id}/retry`, { body: { data } });
  assertEquals((await api.queue.get(body.id))?.data, { token: "s1", list: [{ password: "s2", n: 1 }] });

  const misplaced = { data: { other: { token: MASK } } };
  assertEquals(await api.refusal("POST", `${JOBS}/${id}/retry`, { body: misplaced }), [
    400,
    "invalid_input",
    "data.other.token",
  ]);
  assertEquals(await api.count(), 2);
});

Deno.test("POST /jobs/:id/retry refuses unknown fields and bad data", async () => {
  await using api = new Api();
  const id = await api.queue.add("a", 1);
  await api.queue.cancel(id);
  const retry = (body: unknown) => api.refusal("POST", `${JOBS}/${id}/retry`, { body });

  assertEquals(await retry({ dta: 1 }), [400, "invalid_input", "dta"]);
  assertEquals(await retry([]), [400, "invalid_input", "body"]);
  assertEquals(await retry("{"), [400, "malformed_json", "body"]);
  assertEquals(await retry({ data: "x".repeat(5 * 1024 * 1024) }), [400, "invalid_input", "data"]);
  const [status, code] = await retry(`{"data":${"[".repeat(100_000)}${"]".repeat(100_000)}}`);
  assertEquals([status, code], [400, "invalid_input"]);
  assertEquals((await api.queue.get(id))?.status, "cancelled");
  assertEquals(await api.count(), 1);
});

Deno.test("GET /jobs/:id/logs pages through the lines, oldest first, secrets masked", async () => {
  await using api = new Api();
  api.queue.process("a", (job) => {
    for (let i = 0; i < 5; i++) job.log.info(`line ${i} token=hunter2`, { i, password: "hunter2" });
  });
  const id = await api.queue.add("a", 1);
  await api.queue.drain();
  const logs = (query = "") => api.call<Logs>("GET", `${JOBS}/${id}/logs${query}`);

  const first = await logs("?limit=3");
  assertEquals(
    first.body.data.map(({ message }) => message),
    [0, 1, 2].map((i) => `line ${i} token=${MASK}`),
  );
  assertEquals(first.body.data[0], {
    attempt: 1,
    at: "2026-01-01T00:00:00.000Z",
    level: "info",
    message: `line 0 token=${MASK}`,
    fields: { i: 0, password: MASK },
  });
  const second = await logs(`?limit=3&after=${first.body.nextCursor}`);
  assertEquals(second.body.data.map(({ fields }) => fields?.i), [3, 4]);
  assertEquals(second.body.nextCursor, null);
  assertEquals((await logs()).body.data.length, 5);

  assertEquals(await api.refusal("GET", `${JOBS}/${id}/logs?after=abc`), [400, "invalid_input", "after"]);
  assertEquals(await api.refusal("GET", `${JOBS}/${id}/logs?cursor=abc`), [400, "invalid_input", "cursor"]);
  assertEquals(await api.refusal("GET", `${JOBS}/${id}/logs?limit=201`), [400, "invalid_input", "limit"]);
});

Deno.test("POST /jobs/cleanup deletes finished jobs that are old enough", async () => {
  await using api = new Api();
  api.queue.process("a", () => {});
  const cancelled = await api.queue.add("b", 1);
  await api.queue.cancel(cancelled);
  await api.queue.add("a", 1);
  await api.queue.drain();
  const waiting = await api.queue.add("b", 1);
  const clean = (body: unknown) => api.call<{ removed: number }>("POST", `${JOBS}/cleanup`, { body });

  assertEquals((await clean({ olderThan: "1h" })).body, { removed: 0 });
  api.clock.advance(3_600_001);
  assertEquals((await clean({ olderThan: "1h", status: "failed" })).body, { removed: 0 });
  assertEquals((await clean({ olderThan: 3_600_000, status: ["completed"] })).body, { removed: 1 });
  assertEquals((await clean({ olderThan: 0 })).body, { removed: 1 });
  assertEquals((await api.queue.list()).jobs.map(({ id }) => id), [waiting]);
});

Deno.test("POST /jobs/cleanup refuses what it does not understand, and deletes nothing", async () => {
  await using api = new Api();
  const id = await api.queue.add("b", 1);
  await api.queue.cancel(id);
  api.clock.advance(1000);
  const cases: [unknown, ...string[]][] = [
    [{}, "olderThan"],
    [undefined, "olderThan"],
    [{ olderThan: "soon" }, "olderThan"],
    [{ olderThan: -1 }, "olderThan"],
    [{ olderThan: 0, status: "pending" }, "status"],
    [{ olderThan: 0, status: ["failed", "running"] }, "status[1]"],
    [{ olderThan: 0, dryRun: true }, "dryRun"],
  ];
  for (const [body, ...paths] of cases) {
    assertEquals(await api.refusal("POST", `${JOBS}/cleanup`, { body }), [400, "invalid_input", ...paths]);
  }
  assert(await api.queue.get(id) !== null);
});
