import { assertEquals } from "@std/assert";
import type { Queue } from "../lib/queue.ts";
import type { WorkerInfo } from "../lib/store.ts";
import { makeJob, makeReport } from "../testing/factories.ts";
import { START } from "../testing/fake-clock.ts";
import { Api } from "../testing/api.ts";
import { TestQueue } from "../testing/test-queue.ts";
import { placeInLine } from "./job-line.ts";

const workers: WorkerInfo[] = [
  { ...makeReport({ types: ["a", "b"] }), id: "w1", heartbeatAt: START, alive: true, jobs: [] },
  { ...makeReport({ types: ["dead"] }), id: "w2", heartbeatAt: START, alive: false, jobs: [] },
];

Deno.test("placeInLine() counts the jobs of its queue that workers take first", async () => {
  await using queue = new TestQueue();
  const place = async (id: string) => {
    const job = await queue.get(id);
    return job === null ? undefined : await placeInLine(queue, job, workers);
  };
  const first = await queue.add("a", 1);
  await queue.add("dead", 1);
  await queue.add("nobody", 1);
  await queue.add("a", 1, { queue: "other" });
  const last = await queue.add("b", 1);
  await queue.add("a", 1, { priority: 5 });

  assertEquals(await place(first), { jobs: 1, isMore: false });
  assertEquals(await place(last), { jobs: 2, isMore: false });
  assertEquals(await place(await queue.add("nobody", 1)), null);
});

Deno.test("placeInLine() looks at 2,000 jobs, and knows of one that has left the line", async () => {
  const job = makeJob({ type: "a" });
  let pages = 0;
  const list = (count: number): Pick<Queue, "list"> => ({
    list: () => {
      const jobs = Array.from({ length: 200 }, () => makeJob({ type: "a" }));
      return Promise.resolve({ jobs, scanned: 200, nextCursor: ++pages < count ? "next" : null });
    },
  });

  assertEquals(await placeInLine(list(1000), job, workers), { jobs: 2000, isMore: true });
  assertEquals(pages, 10);
  pages = 0;
  assertEquals(await placeInLine(list(2), job, workers), null);
});

Deno.test("GET /jobs/:id?ahead=true tells the place in line, to who asks", async () => {
  await using api = new Api();
  await api.queue.ready();
  await api.store.heartbeat(makeReport({ types: ["a"] }), api.clock.now());
  await api.queue.add("a", 1);
  const path = `/api/admin/jobs/${await api.queue.add("a", 1)}`;
  const reasonOf = async (query: string) => {
    const { body } = await api.call<{ waitsFor: unknown[] }>("GET", path + query);
    return body.waitsFor[0];
  };

  const reason = { reason: "next_claim", message: "A worker will claim it in a moment" };
  assertEquals(await reasonOf("?ahead=true"), { ...reason, ahead: { jobs: 1, isMore: false } });
  assertEquals(await reasonOf(""), reason);
});
