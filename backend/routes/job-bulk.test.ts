import { assert, assertEquals } from "@std/assert";
import type { BulkCount } from "../lib/bulk/selection.ts";
import { Api } from "../testing/api.ts";
import type { JobView } from "./job-view.ts";

const JOBS = "/api/admin/jobs";
const BULK = `${JOBS}/bulk`;

Deno.test("POST /jobs/bulk answers with the job that does it, which says what became of the jobs", async () => {
  await using api = new Api();
  for (let n = 0; n < 5; n++) {
    await api.queue.cancel(
      await api.queue.add("a", { user: { id: n % 2 }, secret: "1" }, { jobId: `j${n}` }),
    );
  }
  api.clock.advance(1000);
  const body = { action: "retry", filter: { status: "cancelled", type: "a", data: { "user.id": "1" } } };

  const answer = await api.call<{ id: string }>("POST", BULK, { body });

  assertEquals([answer.status, answer.headers.get("Location")], [202, `${JOBS}/${answer.body.id}`]);
  const job = await api.call<JobView>("GET", `${JOBS}/${answer.body.id}`);
  assertEquals([job.body.status, job.body.type, job.body.createdBy], ["pending", "bulk:jobs", "admin"]);
  await api.queue.drain();
  const done = await api.call<JobView>("GET", `${JOBS}/${answer.body.id}`);
  assertEquals(done.body.result, { matched: 2, changed: 2, skipped: 0, failed: 0 });
  assertEquals(done.body.progress?.percent, 100);
  const { body: { data } } = await api.call<{ data: JobView[] }>("GET", `${JOBS}?type=a&status=pending`);
  assertEquals(data.map(({ id }) => id), ["j1", "j3"]);
});

Deno.test("POST /jobs/bulk never acts on jobs by their secrets", async () => {
  await using api = new Api();
  const id = await api.queue.add("a", { password: "hunter2" });
  for (const filter of [{ q: "hunter2" }, { data: { password: "hunter2" } }]) {
    await api.call("POST", BULK, { body: { action: "cancel", filter } });
  }
  await api.queue.drain();

  assertEquals((await api.queue.get(id))?.status, "pending");
});

Deno.test("POST /jobs/bulk with dryRun says what it would change, and changes and adds nothing", async () => {
  await using api = new Api();
  const ids = [await api.queue.add("a", 1), await api.queue.add("b", 1)];
  await api.queue.cancel(ids[0]!);

  const counts = async (body: unknown) => (await api.call<BulkCount>("POST", BULK, { body })).body;

  assertEquals(await counts({ action: "remove", ids, dryRun: true }), {
    matched: 1,
    scanned: 2,
    complete: true,
  });
  assertEquals((await counts({ action: "cancel", filter: { queue: "default" }, dryRun: true })).matched, 1);
  assertEquals(await api.count(), 2);
});

Deno.test("POST /jobs/bulk refuses what it does not understand, and whom it is not for", async () => {
  await using api = new Api();
  const refused = (body: unknown) => api.refusal("POST", BULK, { body });
  const filter = { type: "a" };
  const cases: [unknown, string][] = [
    [{}, "action"],
    [{ action: "pause", filter }, "action"],
    [{ action: "retry" }, "filter"],
    [{ action: "retry", filter, ids: ["a"] }, "filter"],
    [{ action: "retry", filter: {} }, "filter"],
    [{ action: "retry", filter: { status: "pending" } }, "filter.status"],
    [{ action: "retry", filter: { status: ["nothing"] } }, "filter.status[0]"],
    [{ action: "retry", filter: { typ: "a" } }, "filter.typ"],
    [{ action: "retry", filter: { limit: "5" } }, "filter.limit"],
    [{ action: "retry", filter: { createdAfter: "yesterday" } }, "filter.createdAfter"],
    [{ action: "retry", ids: [] }, "ids"],
    [{ action: "retry", ids: Array(1001).fill("a") }, "ids"],
    [{ action: "retry", ids: ["a", "../b"] }, "ids[1]"],
    [{ action: "retry", ids: [1] }, "ids[0]"],
    [{ action: "retry", filter, dryRun: "yes" }, "dryRun"],
  ];
  for (const [body, path] of cases) {
    assertEquals(await refused(body), [400, "invalid_input", path], JSON.stringify(body).slice(0, 80));
  }
  for (const role of ["viewer", "producer"] as const) {
    const body = { action: "retry", filter };
    assertEquals(await api.refusal("POST", BULK, { role, body }), [403, "forbidden"]);
  }
  const job = { type: "bulk:jobs", data: { action: "remove", filter: { queue: "default" } } };
  assertEquals(await api.refusal("POST", JOBS, { role: "producer", body: job }), [
    403,
    "type_forbidden",
    "type",
  ]);
  assert(await api.count() === 0);
});
