import { assertEquals } from "@std/assert";
import { Api } from "../testing/api.ts";
import type { JobView } from "./job-view.ts";

const JOBS = "/api/admin/jobs";

Deno.test("GET /jobs/:id?wait= answers 200 as soon as the job has finished", async () => {
  await using api = new Api();
  const go = Promise.withResolvers<void>();
  const started = Promise.withResolvers<void>();
  api.queue.process("a", async () => {
    started.resolve();
    await go.promise;
    return "done";
  });
  const id = await api.queue.add("a", 1);
  const drained = api.queue.drain();
  await started.promise;

  const answer = api.call<JobView>("GET", `${JOBS}/${id}?wait=30s`);
  go.resolve();

  const { status, body } = await answer;
  assertEquals([status, body.status, body.result], [200, "completed", "done"]);
  await drained;
  assertEquals((await api.call("GET", `${JOBS}/${id}?wait=30s`)).status, 200);
});

Deno.test("GET /jobs/:id?wait= answers 202 with the job when the time is over", async () => {
  await using api = new Api();
  const id = await api.queue.add("a", 1);

  assertEquals((await api.call("GET", `${JOBS}/${id}?wait=0`)).status, 202);

  const answer = api.call<JobView>("GET", `${JOBS}/${id}?wait=30s`);
  await api.clock.asleep(2); // the wait itself, and its look at the store now and then
  api.clock.advance(30_000);
  const { status, body } = await answer;
  assertEquals([status, body.status], [202, "pending"]);
});

Deno.test("GET /jobs/:id?wait= ends when the client goes away", async () => {
  await using api = new Api();
  const id = await api.queue.add("a", 1);
  const client = new AbortController();

  const answer = api.call("GET", `${JOBS}/${id}?wait=30s`, { signal: client.signal });
  await api.clock.asleep(1);
  client.abort();

  assertEquals((await answer).status, 499);
});

Deno.test("GET /jobs/:id?wait= ends when the job is removed, or the process stops", async () => {
  const api = new Api();
  const id = await api.queue.add("a", 1);
  const answer = api.refusal("GET", `${JOBS}/${id}?wait=30s`);
  await api.clock.asleep(1);

  await api.queue.stop();

  assertEquals(await answer, [503, "closed"]);
});

Deno.test("GET /jobs/:id refuses waits that are none, or too long", async () => {
  await using api = new Api();
  const id = await api.queue.add("a", 1);

  for (const wait of ["", "soon", "-1s", "301s", "1h", "1e3"]) {
    assertEquals(
      await api.refusal("GET", `${JOBS}/${id}?wait=${wait}`),
      [400, "invalid_input", "wait"],
      wait,
    );
  }
  assertEquals(await api.refusal("GET", `${JOBS}/${id}?wiat=1s`), [400, "invalid_input", "wiat"]);
  assertEquals(await api.refusal("GET", `${JOBS}/none?wait=30s`), [404, "not_found"]);
});
