import { assertEquals } from "@std/assert";
import { Queue } from "../lib/queue.ts";
import { MemoryData, MemoryStore } from "../stores/memory.ts";
import { Api } from "../testing/api.ts";

const WORKERS = "/api/admin/workers";

interface Workers {
  data: {
    id: string;
    status: string;
    types: string[];
    startedAt: string;
    heartbeatAt: string;
    concurrency: number;
  }[];
}

Deno.test("GET /workers shows every registered process, without a lease or anything else of the inside", async () => {
  await using api = new Api({
    queue: { concurrency: 7, process: { host: "h", pid: 3, version: "1", memory: () => 5 } },
  });
  await api.queue.start();
  await api.clock.asleep(1);

  const { status, body } = await api.call<Workers>("GET", WORKERS);

  assertEquals(status, 200);
  assertEquals(Object.keys(body.data[0] ?? {}).sort(), [
    "concurrency",
    "eventLoopLag",
    "failed",
    "heartbeatAt",
    "host",
    "id",
    "jobs",
    "memory",
    "pid",
    "processed",
    "startedAt",
    "status",
    "succeeded",
    "types",
    "version",
  ]);
  const [worker] = body.data;
  assertEquals([worker?.status, worker?.concurrency], ["running", 7]);
  assertEquals(worker?.startedAt, "2026-01-01T00:00:00.000Z");
});

Deno.test("DELETE /workers/:id asks a live worker to stop", async () => {
  const data = new MemoryData();
  await using api = new Api({ queue: { store: new MemoryStore({ data }) } });
  await using other = new Queue({ store: new MemoryStore({ data, workerId: "other" }), clock: api.clock });
  const asked = Promise.withResolvers<void>();
  other.onStopRequested(() => asked.resolve());
  await other.start();

  const { status, body } = await api.call<unknown>("DELETE", `${WORKERS}/other`);

  assertEquals([status, body], [202, { id: "other", status: "stopping" }]);
  await asked.promise;
  assertEquals(await api.refusal("DELETE", `${WORKERS}/none`), [404, "not_found"]);
  assertEquals(await api.refusal("DELETE", `${WORKERS}/other?force=1`), [400, "invalid_input", "force"]);
});

Deno.test("POST /workers/cleanup refuses any field", async () => {
  await using api = new Api();

  assertEquals(await api.refusal("POST", `${WORKERS}/cleanup`, { body: { all: true } }), [
    400,
    "invalid_input",
    "all",
  ]);
  const { status, body } = await api.call<unknown>("POST", `${WORKERS}/cleanup`);
  assertEquals([status, body], [200, { removed: [] }]);
});
