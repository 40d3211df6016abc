import { assert, assertEquals } from "@std/assert";
import { cancel, type Outcome } from "../../lib/job.ts";
import { makeJob, makeJobs, makeReport, makeScheduled } from "../../testing/factories.ts";
import { addAll, type Cases, claim, claimOne, told } from "./harness.ts";

const DONE: Outcome = { kind: "completed", result: null };

/** What processes are told of without asking. */
export const watchCases: Cases = {
  async "watch() tells every process of work, of due times, of jobs that finished"({ open, clock }) {
    const [first, second] = await open(2);
    for (const watcher of [first, second]) {
      await told(watcher, "work", clock, () => addAll(first, [makeJob()], clock.now()));
      const job = await claimOne(first, clock.now());
      await told(watcher, "jobs", clock, () => first.settle([{ job, outcome: DONE }], clock.now()));
      const scheduled = makeScheduled(90_000, { createdAt: clock.now() });
      const due = await told(watcher, "due", clock, () => addAll(first, [scheduled], clock.now()));
      assert(due.at <= scheduled.scheduledAt);
      await told(watcher, "work", clock, () => first.promote(scheduled.scheduledAt));
      await first.remove(scheduled.id);
      await addAll(first, [makeJob({ queue: "q" })], clock.now());
      await first.setPaused("q", true);
      await told(watcher, "work", clock, () => first.setPaused("q", false));
      for (const rest of await claim(first, clock.now())) {
        await told(
          watcher,
          "work",
          clock,
          () => first.settle([{ job: rest, outcome: { kind: "released" } }], clock.now()),
        );
      }
      for (const rest of await claim(first, clock.now())) {
        await first.settle([{ job: rest, outcome: DONE }], clock.now());
      }
    }
  },

  async "watch() tells of work of every type, also of types that come at once"({ open, clock }) {
    const [first, second] = await open(2);
    for (const watcher of [first, second]) {
      const types = new Set<string>();
      const stop = watcher.watch((change) => {
        if (change.kind === "work") { for (const type of change.types ?? ["a", "b"]) types.add(type); }
      });
      await told(
        watcher,
        "work",
        clock,
        () => addAll(first, [makeJob({ type: "a" }), makeJob({ type: "b" })], clock.now()),
      );
      stop();

      assertEquals([...types].sort(), ["a", "b"]);
    }
  },

  async "watch() tells a process to stop a job, whoever asked for it"({ open, clock }) {
    const [first, second] = await open(2);
    await addAll(first, makeJobs(2), clock.now());
    const claimed = await claim(first, clock.now());
    for (const [i, canceller] of [first, second].entries()) {
      const { id, seq } = claimed[i]!;
      const change = await told(
        first,
        "cancel",
        clock,
        () => canceller.change(id, (job) => cancel(job, clock.now())),
      );

      assertEquals(change.seqs.includes(seq), true);
    }
  },

  async "watch() tells a process that somebody asked it to stop"({ open, clock }) {
    const [first, second] = await open(2);
    for (const asker of [first, second]) {
      await first.heartbeat(makeReport(), clock.now());
      await told(first, "stop", clock, () => asker.removeWorker(first.workerId, clock.now()));
    }
  },

  async "watch() tells of jobs that were given back by a rescue"({ open, clock, crash, rescueBy }) {
    const [first, second, third] = await open(3);
    await addAll(first, [makeJob()], clock.now());
    await claimOne(first, clock.now());
    await crash(first);

    await told(third, "work", clock, () => rescueBy(second));

    assertEquals((await claim(third, clock.now())).length, 1);
  },

  async "watch() tells nothing to who stopped listening, and the others go on"({ open, clock }) {
    const [store] = await open(1);
    let calls = 0;
    const listener = () => void calls++;
    const [stop, stopOther] = [store.watch(listener), store.watch(listener)];
    stop();
    stop();
    await told(store, "work", clock, () => addAll(store, [makeJob()], clock.now()));
    assert(calls > 0);
    stopOther();
    const before = calls;

    await told(store, "work", clock, () => addAll(store, [makeJob()], clock.now()));

    assertEquals(calls, before);
    const stopAtOnce = store.watch(listener);
    const added = addAll(store, [makeJob()], clock.now());
    stopAtOnce();
    await added;
    assertEquals(calls, before);
  },
};
