import { assertEquals, assertRejects } from "@std/assert";
import { FakeClock, START } from "../../testing/fake-clock.ts";
import { makeReport } from "../../testing/factories.ts";
import { DAY, HOUR, idsOf, MINUTE, SECOND, TestScheduler } from "../../testing/test-scheduler.ts";
import { KvLab } from "../../stores/kv/fixture.ts";
import { MemoryData, MemoryStore } from "../../stores/memory.ts";
import { InputRangeError } from "../errors.ts";
import { Queue } from "../queue.ts";
import { Scheduler } from "../scheduler.ts";
import type { Store } from "../store.ts";

const nothing = () => null;

/** Processes with a scheduler on one data set, of each kind of store. */
const LABS: Record<string, (clock: FakeClock) => { open(): Promise<Store>; dispose(): Promise<void> }> = {
  MemoryStore(clock) {
    const data = new MemoryData();
    return {
      async open() {
        const store = new MemoryStore({ data, clock });
        await store.open(clock.now());
        return store;
      },
      dispose: () => Promise.resolve(),
    };
  },
  KvStore: (clock) => new KvLab(clock),
};

/** Runs `test` on each kind of store, with a function that opens one more process. */
function onEachStore(
  name: string,
  test: (context: { clock: FakeClock; open(): Promise<Process> }) => Promise<void>,
): void {
  for (const [kind, make] of Object.entries(LABS)) {
    Deno.test(`${name} (${kind})`, async () => {
      const clock = new FakeClock();
      const lab = make(clock);
      const processes: Process[] = [];
      const open = async () => {
        const store = await lab.open();
        store.open = () => Promise.resolve(); // it is
        const queue = new Queue({ store, clock });
        const scheduler = new Scheduler(queue);
        processes.push({ store, queue, scheduler });
        return { store, queue, scheduler };
      };
      try {
        await test({ clock, open });
      } finally {
        for (const { scheduler, queue } of processes) {
          await scheduler.stop();
          await queue.stop();
        }
        await lab.dispose();
      }
    });
  }
}

interface Process {
  store: Store;
  queue: Queue;
  scheduler: Scheduler;
}

onEachStore("Three schedulers on one store add each tick's job once", async ({ clock, open }) => {
  const processes = [await open(), await open(), await open()];
  const names = Array.from({ length: 60 }, (_, i) => `s${String(i).padStart(2, "0")}`);
  for (const { scheduler } of processes) {
    for (const name of names) {
      scheduler.schedule(name, "* * * * * *", nothing, { overlap: "allow", missed: "all" });
    }
  }
  let added = 0;
  for (const { scheduler } of processes) added += await scheduler.runOnce();
  for (let second = 0; second < 4; second++) {
    clock.advance(SECOND);
    const passes = await Promise.all(processes.map(({ scheduler }) => scheduler.runOnce()));
    added += passes.reduce((sum, count) => sum + count);
  }
  const ids = names.flatMap((name) =>
    [1, 2, 3, 4].map((second) => `schedule:${name}@2026-01-01T00:00:0${second}.000Z`)
  );

  assertEquals(await idsOf(processes[1]!.queue), ids);
  assertEquals(added, ids.length);
  for (const { runCount, runs } of await processes[2]!.scheduler.list()) {
    assertEquals([runCount, runs.length], [4, 4]);
  }
});

onEachStore(
  "Racing schedulers catch up with all that was missed, once, whatever `overlap` says",
  async ({ clock, open }) => {
    const processes = [await open(), await open()];
    const declare = ({ scheduler }: Process) => {
      for (const overlap of ["skip", "allow"] as const) {
        scheduler.schedule(overlap, "0 * * * *", nothing, { missed: "all", overlap });
      }
    };
    processes.forEach(declare);
    for (const { scheduler } of processes) await scheduler.runOnce();
    clock.advance(4 * DAY);
    await Promise.all(processes.map(({ scheduler }) => scheduler.runOnce()));

    const ids = await idsOf(processes[0]!.queue);
    const due = Array.from({ length: 96 }, (_, i) => new Date(START + (i + 1) * HOUR).toISOString());
    const ofSkip = due.slice(0, 1); // the others run one after the other
    assertEquals(ids, [
      ...due.map((time) => `schedule:allow@${time}`),
      ...ofSkip.map((time) => `schedule:skip@${time}`),
    ]);
    const [allow, skip] = await processes[1]!.scheduler.list();
    assertEquals([allow?.runCount, skip?.runCount, skip?.queued.length], [96, 1, 95]);
  },
);

onEachStore("Moving on and adding the job are one commit", async ({ clock, open }) => {
  const { store, queue, scheduler } = await open();
  scheduler.schedule("a", "* * * * *", nothing);
  await scheduler.runOnce();
  const commits: [number, number][] = [];
  const { commit } = store;
  store.commit = (change, now) => {
    commits.push([change.put.length, change.insert?.length ?? 0]);
    return commit.call(store, change, now);
  };
  clock.advance(MINUTE);
  assertEquals(await scheduler.runOnce(), 1);

  assertEquals(commits, [[1, 1]]);
  assertEquals((await queue.list()).jobs.length, 1);
});

onEachStore(
  "A schedule's job may be as large as a schedule takes, as often as it takes",
  async ({ clock, open }) => {
    const { store, queue, scheduler } = await open();
    const data = "€".repeat(5_000);
    for (let n = 0; n < 30; n++) {
      scheduler.schedule(`s${n}`, "0 0 * * *", { type: "t", data }, { missed: "all", overlap: "allow" });
    }
    await scheduler.runOnce();
    clock.advance(10 * DAY);
    const { commit } = store;
    let refused = 0;
    store.commit = (change, now) =>
      commit.call(store, change, now).catch((error) => {
        refused++;
        throw error;
      });

    assertEquals(await scheduler.runOnce(), 300);
    assertEquals(refused, 0);
    assertEquals((await queue.stats()).pending, 300);
    assertEquals((await queue.get("schedule:s7@2026-01-05T00:00:00.000Z"))?.data, data);
  },
);

onEachStore("A tick is added within its time by the loop", async ({ clock, open }) => {
  const { queue, scheduler } = await open();
  clock.advance(250);
  scheduler.schedule("a", "*/2 * * * * *", nothing, { overlap: "allow" });
  await scheduler.start();
  const added = Promise.withResolvers<number>();
  queue.on("added", ({ createdAt }) => added.resolve(createdAt));
  await clock.asleep(1);
  clock.advance(SECOND);
  await clock.asleep(1);
  clock.advance(749);
  await clock.asleep(1);
  assertEquals((await queue.list()).jobs, []);
  clock.advance(1);

  assertEquals(await added.promise, START + 2 * SECOND);
});

onEachStore(
  "A tick just before a start is not missed if another scheduler lives",
  async ({ clock, open }) => {
    const [first, second, third] = [await open(), await open(), await open()];
    const options = { missed: "skip", overlap: "allow" } as const;
    first.scheduler.schedule("a", "*/5 * * * * *", nothing, options);
    await first.scheduler.runOnce();
    const report = makeReport({ scheduler: true, startedAt: clock.now() });
    await third.store.heartbeat(report, clock.now()); // lives, but does not get round to it
    clock.advance(8 * SECOND);
    second.scheduler.schedule("a", "*/5 * * * * *", nothing, options);

    assertEquals(await second.scheduler.runOnce(), 1);
  },
);

Deno.test("A schedule that changed since it was read is judged again: the old expression fires nothing", async () => {
  await using scheduler = new TestScheduler();
  const job = { type: "t" };
  await scheduler.create({ name: "a", expression: "0 * * * *", job });
  await scheduler.runOnce();
  const { store } = scheduler.queue;
  const { record } = store;
  let meanwhile = true;
  store.record = async (kind, key) => {
    const found = await record.call(store, kind, key);
    if (kind === "schedule" && meanwhile) {
      meanwhile = false;
      await scheduler.update("a", { expression: "30 * * * *" });
    }
    return found;
  };

  assertEquals(await scheduler.pass(HOUR), 0);
  assertEquals((await scheduler.shown("a")).nextTickAt, START + 90 * MINUTE);
  assertEquals(await scheduler.ticks(), []);
});

Deno.test("A tick counts once for a schedule that is changed in its moment, by who read the time before it fired", async () => {
  for (const overlap of ["skip", "allow", "queue", "cancel-previous"] as const) {
    await using scheduler = new TestScheduler();
    await scheduler.create({ name: "a", expression: "0 * * * *", job: { type: "t" }, maxRuns: 2, overlap });
    await scheduler.pass(HOUR - 1);
    const { store, clock } = scheduler.queue;
    const { record } = store;
    let reads = 0;
    store.record = async (kind, key) => {
      // The first read is for the check of what is asked for, before the time is read.
      if (kind === "schedule" && ++reads === 2) {
        clock.advance(1);
        assertEquals(await scheduler.runOnce(), 1);
      }
      return await record.call(store, kind, key);
    };
    await scheduler.update("a", { timezone: "Europe/Paris" });
    store.record = record;

    assertEquals(await scheduler.pass(), 0);
    assertEquals((await scheduler.shown("a")).runCount, 1);
    assertEquals((await scheduler.runs("a")).map((run) => run.slice(9)), ["pending"]);
    await scheduler.queue.cancel("schedule:a@2026-01-01T01:00:00.000Z");
    assertEquals(await scheduler.pass(HOUR), 1);
    assertEquals((await scheduler.shown("a")).state, "ended");
    assertEquals((await scheduler.ticks()).length, 2);
  }
});

Deno.test("Nothing is written while a queued tick waits", async () => {
  await using scheduler = new TestScheduler();
  await scheduler.create({ name: "a", expression: "0 * * * *", job: { type: "t" }, overlap: "queue" });
  await scheduler.pass(HOUR);
  await scheduler.pass(HOUR);
  assertEquals((await scheduler.shown("a")).queued, [START + 2 * HOUR]);
  const { store } = scheduler.queue;
  store.commit = () => Promise.reject(new TypeError("It writes"));

  assertEquals(await scheduler.pass(SECOND), 0);
});

Deno.test("A job that exists already is not added again by a schedule that was made anew", async () => {
  await using scheduler = new TestScheduler();
  const made = { name: "a", expression: "0 * * * *", job: { type: "t" } };
  await scheduler.create(made);
  await scheduler.pass(HOUR);
  await scheduler.remove("a");
  scheduler.queue.clock.advance(-30 * MINUTE);
  await scheduler.create(made);
  await scheduler.pass(30 * MINUTE);

  assertEquals(await scheduler.ticks(), ["schedule:a@2026-01-01T01:00:00.000Z"]);
});

Deno.test("A schedule that the store refuses is put off for a minute, and the others go on", async () => {
  await using scheduler = new TestScheduler();
  for (const name of ["bad", "good"]) {
    scheduler.schedule(name, "*/10 * * * * *", nothing, { overlap: "allow" });
  }
  await scheduler.runOnce();
  const { store, log } = scheduler.queue;
  const { commit } = store;
  let refusals = 0;
  store.commit = (change, now) => {
    if (!change.put.some(({ key }) => key === "bad")) return commit.call(store, change, now);
    refusals++;
    return Promise.reject(new InputRangeError("commit", "holds too much"));
  };
  const added: number[] = [];
  for (let n = 0; n < 6; n++) added.push(await scheduler.pass(10 * SECOND));

  assertEquals(added, [1, 1, 1, 1, 1, 1]);
  assertEquals(refusals, 2); // with the other one, and alone
  assertEquals(log.of("error"), ['Cannot store schedule "{name}": {error}']);
  store.commit = commit;
  assertEquals(await scheduler.pass(10 * SECOND), 8);
});

Deno.test("A scheduler that others outrun again and again takes a breath and catches up later", async () => {
  await using scheduler = new TestScheduler();
  scheduler.schedule("a", "* * * * *", nothing);
  await scheduler.runOnce();
  const { store } = scheduler.queue;
  const { commit } = store;
  let races = 0;
  store.commit = async (change, now) => {
    const [put] = change.put;
    if (put !== undefined && races++ < 60) { // somebody writes the same in between
      const { value, version } = (await store.record(put.kind, put.key))!;
      await commit.call(store, { put: [{ ...put, value, expect: version }] }, now);
    }
    return await commit.call(store, change, now);
  };

  assertEquals(await scheduler.pass(MINUTE), 0);
  assertEquals(races, 50);
  assertEquals(await scheduler.pass(), 1);
});

Deno.test("The previous run is cancelled before the next is added; one that has ended meanwhile is no error", async () => {
  await using scheduler = new TestScheduler();
  const job = { type: "t" };
  await scheduler.create({ name: "a", expression: "0 * * * *", job, overlap: "cancel-previous" });
  await scheduler.pass(HOUR);
  const { queue } = scheduler;
  const { get } = queue.store;
  queue.store.get = async (id) => { // it is removed just after it was looked at
    const found = await get.call(queue.store, id);
    await queue.store.remove(id);
    return found;
  };

  assertEquals(await scheduler.pass(HOUR), 1);
  queue.store.get = get;
  assertEquals((await scheduler.runs("a")).map((run) => run.slice(9)), ["removed", "pending"]);
  assertEquals(await scheduler.pass(HOUR), 1);
  assertEquals((await scheduler.runs("a")).map((run) => run.slice(9)), ["removed", "cancelled", "pending"]);
  queue.store.get = () => Promise.reject(new TypeError("no"));
  await assertRejects(() => scheduler.pass(HOUR), TypeError, "no");
});
