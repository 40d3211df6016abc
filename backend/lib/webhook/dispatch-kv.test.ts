/** Events of several processes on one KV file. */
import { assert, assertEquals } from "@std/assert";
import { KvLab } from "../../stores/kv/fixture.ts";
import { FakeClock } from "../../testing/fake-clock.ts";
import { ADDRESS } from "../../testing/webhook-process.ts";
import { StoreUnavailableError } from "../errors.ts";
import { Queue } from "../queue.ts";
import type { Store } from "../store.ts";
import { Webhooks } from "../webhooks.ts";

interface Process {
  store: Store;
  queue: Queue;
  webhooks: Webhooks;
}

async function withProcesses(count: number, test: (processes: Process[]) => Promise<void>): Promise<void> {
  const clock = new FakeClock();
  const lab = new KvLab(clock);
  const processes: Process[] = [];
  try {
    for (let n = 0; n < count; n++) {
      const store = await lab.open();
      store.open = () => Promise.resolve(); // it is
      const queue = new Queue({ store, clock });
      queue.process("ok", () => "done");
      processes.push({ store, queue, webhooks: new Webhooks(queue) });
    }
    await test(processes);
  } finally {
    for (const { queue } of processes) await queue.stop();
    await lab.dispose();
  }
}

/** What is told, event and job of each delivery. */
async function toldOf({ queue }: Process): Promise<string[]> {
  const told: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await queue.list({ type: "webhook:deliver" }, { limit: 200, cursor });
    for (const { data } of page.jobs) {
      const { type, data: { job } } =
        (data as { body: { type: string; data: { job: { id: string } } } }).body;
      told.push(`${type} ${job.id}`);
    }
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return told.sort();
}

function expected(ids: readonly string[], events: readonly string[]): string[] {
  return ids.flatMap((id) => events.map((event) => `${event} ${id}`)).sort();
}

Deno.test("Three processes on a KV file that add, run and tell at once tell everything once", async () => {
  await withProcesses(3, async (processes) => {
    const [first] = processes as [Process];
    await first.webhooks.create({ url: ADDRESS, events: ["job.completed", "job.cancelled"] });
    const ids: string[] = [];
    const work = async ({ queue }: Process, name: string) => {
      for (let n = 0; n < 4; n++) {
        const some = Array.from({ length: 20 }, (_, i) => `${name}-${n}-${i}`);
        await queue.addMany(some.map((jobId) => ({ type: "ok", data: null, options: { jobId } })));
        ids.push(...some);
        await queue.drain();
      }
    };
    let added = 0;
    let isOver = false;
    const tell = async ({ webhooks }: Process) => {
      do {
        const count = await webhooks.runOnce();
        added += count;
      } while (!isOver);
    };
    const telling = processes.map(tell);
    await Promise.all(processes.map((process, i) => work(process, `p${i}`)));
    isOver = true;
    await Promise.all(telling);
    const rest = await first.webhooks.runOnce();

    assertEquals(ids.length, 240);
    assertEquals(await toldOf(first), expected(ids, ["job.completed"]));
    assertEquals(added + rest, ids.length);
  });
});

Deno.test("What a process on a KV file has told when it dies is not told again, and the rest is told by another", async () => {
  await withProcesses(2, async ([first, second]) => {
    assert(first !== undefined && second !== undefined);
    await first.webhooks.create({ url: ADDRESS, events: ["job.added", "job.cancelled"] });
    const ids = Array.from({ length: 130 }, (_, i) => `job-${i}`);
    await second.queue.ready();
    await second.queue.add("ok", null, { jobId: "first" }); // from its first commit on it tells the feed
    await first.webhooks.runOnce();
    await second.queue.addMany(ids.map((jobId) => ({ type: "x", data: null, options: { jobId } })));
    const { store } = first;
    const commit = store.commit.bind(store);
    let commits = 0;
    store.commit = async (change, now) => {
      if (++commits === 3) throw new StoreUnavailableError("The process has died");
      await commit(change, now);
      if (commits === 2) await second.queue.cancel("job-0"); // meanwhile others go on
    };
    assertEquals(await first.webhooks.runOnce().catch((error) => error.message), "The process has died");

    await second.webhooks.runOnce();

    const told = [...expected(["first", ...ids], ["job.added"]), "job.cancelled job-0"].sort();
    assertEquals(await toldOf(second), told);
  });
});

Deno.test("Deliveries on a KV file are listed with all that is known, also long ones", async () => {
  await withProcesses(1, async ([process]) => {
    assert(process !== undefined);
    const { queue, webhooks } = process;
    const { webhook: { id } } = await webhooks.create({ url: ADDRESS, events: ["job.added"] });
    await queue.add("x", "short", { jobId: "a" });
    await queue.add("x", "y".repeat(100_000), { jobId: "b" });
    await webhooks.runOnce();

    const { deliveries } = await webhooks.deliveries(id);

    assertEquals(deliveries.map(({ event, jobId }) => `${event} ${jobId}`), ["job.added a", "job.added b"]);
  });
});

Deno.test("Of two calls that remove an endpoint in a KV file at once, one finds it", async () => {
  await withProcesses(1, async ([process]) => {
    assert(process !== undefined);
    const { webhooks } = process;
    const { webhook: { id } } = await webhooks.create({ url: ADDRESS });

    const results = await Promise.allSettled([webhooks.remove(id), webhooks.remove(id)]);

    assertEquals(results.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
  });
});
