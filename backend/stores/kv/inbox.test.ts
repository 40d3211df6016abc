/** What becomes of requests that are slow to be read, or cannot be taken out of the inbox once they are heeded. */
import { assertEquals } from "@std/assert";
import { cancel, retry } from "../../lib/job.ts";
import { makeJob } from "../../testing/factories.ts";
import { FakeClock } from "../../testing/fake-clock.ts";
import { gate } from "../../testing/test-queue.ts";
import { claim, claimAll, told } from "../conformance/harness.ts";
import { FULL, interceptCommits } from "./faulty-kv.ts";
import { KvLab } from "./fixture.ts";
import { createKeys } from "./keys.ts";
import { KvStore } from "./store.ts";

const DONE = { kind: "completed", result: null } as const;

/** `kv`, whose reads of several records wait for `before` each. */
function slowRecords(kv: Deno.Kv, before: () => Promise<void>): Deno.Kv {
  return new Proxy(kv, {
    get(target, name) {
      const value = Reflect.get(target, name, target);
      if (name !== "getMany") return typeof value === "function" ? value.bind(target) : value;
      return async (...args: Parameters<Deno.Kv["getMany"]>) => {
        await before();
        return await target.getMany(...args);
      };
    },
  });
}

/** `kv`, which tells when somebody looks who holds a job. */
function tellHolderSearch(kv: Deno.Kv, tell: () => void): Deno.Kv {
  return new Proxy(kv, {
    get(target, name) {
      const value = Reflect.get(target, name, target);
      if (name !== "list") return typeof value === "function" ? value.bind(target) : value;
      return (...args: Parameters<Deno.Kv["list"]>) => {
        const [selector] = args;
        if ("prefix" in selector && String(selector.prefix) === String(createKeys("cronosaur").procs())) {
          tell();
        }
        return target.list(...args);
      };
    },
  });
}

async function isEmpty(path: string, procId: string): Promise<boolean> {
  const kv = await Deno.openKv(path);
  const { value } = await kv.get(createKeys("cronosaur").inbox(procId));
  kv.close();
  return value === null;
}

/** A process whose disk is full while it would take a cancel that it has heeded out of its inbox, and two others. */
async function setUp() {
  const clock = new FakeClock();
  const failed = Promise.withResolvers<void>();
  let failures = 0;
  const lab = new KvLab(clock);
  const openKv = async (path: string) =>
    interceptCommits(await Deno.openKv(path), (op) => {
      if (failures === 0) return op.commit();
      if (--failures === 0) failed.resolve();
      throw FULL;
    });
  const owner = new KvStore({ path: lab.path, clock, openKv });
  await owner.open(clock.now());
  const [first, second] = [await lab.open(), await lab.open()];
  await first.insert([{ job: makeJob({ id: "a" }) }], clock.now());
  const [job] = await claimAll(owner, clock);
  await told(owner, "cancel", clock, () => {
    failures = 2; // it is tried twice
    return first.change("a", (job) => cancel(job, clock.now()));
  });
  await failed.promise;
  assertEquals(await isEmpty(lab.path, owner.workerId), false);
  const [stopped] = await owner.settle([{ job: job!, outcome: DONE }], clock.now());
  assertEquals(stopped === "lost" ? "lost" : stopped?.status, "cancelled");
  return {
    clock,
    owner,
    first,
    second,
    /** The run of the job after somebody has retried it. */
    async again() {
      clock.advance(1_000);
      await first.change("a", (job) => retry(job, clock.now()));
      const [job] = await claimAll(owner, clock);
      return job!;
    },
    async [Symbol.asyncDispose]() {
      await owner.close();
      await lab.dispose();
    },
  };
}

Deno.test("inbox: a job that was retried after a cancel is not stopped by that when others ask something", async () => {
  await using test = await setUp();
  const { clock, owner, first, second } = test;
  const job = await test.again();

  await first.subscribe(clock.now());
  await second.removeWorker(owner.workerId, clock.now());
  const [settled] = await owner.settle([{ job, outcome: DONE }], clock.now());

  assertEquals(settled === "lost" ? "lost" : settled?.status, "completed");
});

Deno.test("inbox: a second cancel of a job is heeded, whoever asks, and also at the same time", async () => {
  for (const ms of [0, 5]) {
    for (const who of ["first", "second"] as const) {
      await using test = await setUp();
      const { clock, owner } = test;
      const job = await test.again();
      clock.advance(ms);
      const at = clock.now();

      await test[who].change("a", (job) => cancel(job, at));
      const [settled] = await owner.settle([{ job, outcome: DONE }], at);

      assertEquals(settled === "lost" ? "lost" : [settled?.status, settled?.cancelRequestedAt], [
        "cancelled",
        at,
      ]);
    }
  }
});

Deno.test("inbox: a result that ends while a cancel is being read does not overtake it", async () => {
  const clock = new FakeClock();
  const [reads, tried, go] = [gate(), gate(), gate()];
  let isSlow = false;
  const openKv = async (path: string) => {
    const kv = interceptCommits(await Deno.openKv(path), async (op) => {
      const result = await op.commit();
      if (isSlow) tried.resolve();
      return result;
    });
    return slowRecords(kv, async () => {
      if (!isSlow) return;
      reads.resolve();
      await go.promise;
    });
  };
  const lab = new KvLab(clock);
  const owner = new KvStore({ path: lab.path, clock, openKv });
  await owner.open(clock.now());
  const other = await lab.open();
  await other.insert([{ job: makeJob({ id: "a" }) }], clock.now());
  const [job] = await claimAll(owner, clock);
  isSlow = true;
  await other.change("a", (job) => cancel(job, clock.now()));
  clock.advance(250); // it looks
  await reads.promise;

  const settling = owner.settle([{ job: job!, outcome: DONE }], clock.now());
  await tried.promise;
  go.resolve();
  const [settled] = await settling;

  assertEquals(settled === "lost" ? "lost" : settled?.status, "cancelled");
  await owner.close();
  await lab.dispose();
});

/** Cancels a job whose claim has not been answered yet. @returns What becomes of it if it ends `at` that time. */
async function cancelEarly(at: "at once" | "after the next commit"): Promise<string> {
  const clock = new FakeClock();
  const [claimed, looks, go, next] = [gate(), gate(), gate(), gate()];
  let [isSlow, isClaimed] = [false, false];
  const openKv = async (path: string) => {
    const kv = interceptCommits(await Deno.openKv(path), async (op) => {
      const result = await op.commit();
      if (isClaimed) next.resolve();
      if (!isSlow) return result;
      claimed.resolve();
      await go.promise;
      return result;
    });
    return tellHolderSearch(kv, () => isSlow && looks.resolve());
  };
  const lab = new KvLab(clock);
  const owner = new KvStore({ path: lab.path, clock, openKv });
  await owner.open(clock.now());
  const other = await lab.open();
  await other.insert([{ job: makeJob({ id: "held" }) }], clock.now());
  await claimAll(owner, clock);
  await told(owner, "work", clock, () => other.insert([{ job: makeJob({ id: "a" }) }], clock.now()));
  isSlow = true;
  const claiming = claim(owner, clock.now());
  await claimed.promise;
  await other.change("a", (job) => cancel(job, clock.now()));
  clock.advance(250); // it looks
  await looks.promise; // it does not hold it yet
  [isSlow, isClaimed] = [false, true];
  go.resolve();
  const [job] = await claiming;
  if (at === "after the next commit") await next.promise;

  const [settled] = await owner.settle([{ job: job!, outcome: DONE }], clock.now());

  await owner.close();
  await lab.dispose();
  return settled === "lost" ? "lost" : settled!.status;
}

Deno.test("inbox: a cancel of a job whose claim has not been answered yet is heeded once it is", async () => {
  assertEquals(await cancelEarly("at once"), "cancelled");
  assertEquals(await cancelEarly("after the next commit"), "cancelled");
});
