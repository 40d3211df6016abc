import fc from "fast-check";
import type { FinalStatus } from "../../lib/job.ts";
import type { QueuePause } from "../../lib/store.ts";
import { makePause } from "../factories.ts";
import type { Fault } from "./faulty-kv.ts";

/** A job to add, in a few words. */
export interface JobSpec {
  type: string;
  queue: string;
  priority: number;
  /** Milliseconds. */
  delay: number;
  id: string | null;
  unique: { key: string; within: number | null } | null;
  onConflict: "keep" | "replace" | "reject";
  tag: string | null;
  expiresIn: number | null;
  keepFor: number | null;
  maxAttempts: number;
  /** Characters of its data. */
  size: number;
}

/** How an attempt ends. */
export type Ending =
  | { kind: "completed"; size: number }
  | { kind: "failed"; retryIn: number | null }
  | { kind: "cancelled" }
  | { kind: "snoozed"; delay: number }
  | { kind: "released" };

/** What a person does to a job. */
export type Verb =
  | { verb: "cancel" }
  | { verb: "retry" }
  | { verb: "remove" }
  | { verb: "update"; priority: number | null; delay: number | null };

/** What one process does with one commit, so that it may die in it. */
export type Act =
  | { do: "add"; jobs: JobSpec[] }
  | { do: "claim"; types: string[]; limit: number; queue: string | null }
  | { do: "settle"; picks: number[]; endings: Ending[] }
  | { do: "change"; pick: number; what: Verb };

/** One step of a run. `by` says which process does it, `pick` which job: both are wrapped around. */
export type Step =
  | (Act & { by: number })
  | { do: "die"; by: number; when: "before" | "after"; act: Act }
  | { do: "fault"; by: number; faults: Fault[]; reads: number }
  | { do: "start" | "end" | "progress" | "log"; by: number; pick: number }
  | { do: "promote" | "rescue" | "expire" | "sweep" | "crash" | "restart"; by: number }
  | { do: "prune"; by: number; status: FinalStatus; age: number; keepFor: boolean; limit: number }
  | { do: "pause"; by: number; queue: string; paused: boolean; said?: QueuePause }
  | { do: "record"; by: number; key: string; value: number | null; stale: boolean; job: JobSpec | null }
  | { do: "wait"; ms: number };

const by = fc.nat(2);
const pick = fc.nat(30);
const type = fc.constantFrom("a", "b");
const queue = fc.constantFrom("default", "other");
const said = fc.constantFrom(
  undefined,
  ...[{ by: "ada" }, { by: "bob", note: "b" }, { note: "c" }].map((pause) => makePause(pause)),
);
const often = <T>(usual: T, ...others: fc.Arbitrary<T>[]) =>
  fc.oneof(
    { weight: 3, arbitrary: fc.constant(usual) },
    ...others.map((arbitrary) => ({ weight: 1, arbitrary })),
  );

const job: fc.Arbitrary<JobSpec> = fc.record({
  type,
  queue: often("default", fc.constant("other")),
  priority: often(0, fc.integer({ min: -2, max: 2 })),
  delay: often(0, fc.constantFrom(50, 200)),
  id: often<string | null>(null, fc.constantFrom("id-1", "id-2", "id-3")),
  unique: often<JobSpec["unique"]>(
    null,
    fc.record({ key: fc.constantFrom("k1", "k2"), within: fc.constantFrom(null, 150) }),
  ),
  onConflict: fc.constantFrom("keep", "replace", "reject"),
  tag: fc.constantFrom(null, "t"),
  expiresIn: often<number | null>(null, fc.constantFrom(40, 120)),
  keepFor: often<number | null>(null, fc.constantFrom(0, 300)),
  maxAttempts: fc.integer({ min: 1, max: 3 }),
  size: often(5, fc.constantFrom(3_000, 20_000, 70_000)),
});

const ending: fc.Arbitrary<Ending> = fc.oneof(
  fc.record({ kind: fc.constant("completed" as const), size: often(3, fc.constant(20_000)) }),
  fc.record({ kind: fc.constant("failed" as const), retryIn: fc.constantFrom(0, 60, null) }),
  fc.record({ kind: fc.constant("cancelled" as const) }),
  fc.record({ kind: fc.constant("snoozed" as const), delay: fc.constantFrom(0, 60) }),
  fc.record({ kind: fc.constant("released" as const) }),
);

const verb: fc.Arbitrary<Verb> = fc.oneof(
  fc.constantFrom<Verb>({ verb: "cancel" }, { verb: "retry" }, { verb: "remove" }),
  fc.record({
    verb: fc.constant("update" as const),
    priority: fc.constantFrom(null, -5, 5),
    delay: fc.constantFrom(null, -10, 0, 80),
  }),
);

/** Acts on at most `most` jobs. */
function acts(most: number): fc.Arbitrary<Act> {
  return fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constant("add" as const),
        jobs: fc.array(job, { minLength: 1, maxLength: most }),
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constant("claim" as const),
        types: often<string[]>(["a", "b"], fc.constant(["a"]), fc.constant(["b"])),
        limit: fc.integer({ min: 1, max: most }),
        queue: often<string | null>(null, fc.constant("other")),
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constant("settle" as const),
        picks: fc.array(pick, { minLength: 1, maxLength: most }),
        endings: fc.array(ending, { minLength: 1, maxLength: most }),
      }),
    },
    { weight: 3, arbitrary: fc.record({ do: fc.constant("change" as const), pick, what: verb }) },
  );
}

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 24, arbitrary: fc.tuple(by, acts(4)).map(([by, act]) => ({ ...act, by })) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("die" as const),
      by,
      when: fc.constantFrom("before", "after"),
      act: acts(1),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant("fault" as const),
      by,
      faults: fc.array(fc.constantFrom<Fault>("refused", "lost", "locked"), { minLength: 1, maxLength: 3 }),
      reads: often(0, fc.integer({ min: 1, max: 2 })),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constantFrom("start" as const, "end" as const, "progress" as const, "log" as const),
      by,
      pick,
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("promote" as const), by }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("rescue" as const), by }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constantFrom("expire" as const, "sweep" as const, "crash" as const, "restart" as const),
      by,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("prune" as const),
      by,
      status: fc.constantFrom<FinalStatus>("completed", "failed", "cancelled"),
      age: fc.constantFrom(0, 100),
      keepFor: fc.boolean(),
      limit: fc.constant(100),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("pause" as const), by, queue, paused: fc.boolean(), said }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("record" as const),
      by,
      key: fc.constantFrom("r1", "r2"),
      value: fc.option(fc.nat(9)),
      stale: often(false, fc.constant(true)),
      job: fc.option(job),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant("wait" as const), ms: fc.constantFrom(-40, 10, 60, 160, 1_500) }),
  },
);

/** Runs of up to `most` steps. */
export function runs(most: number): fc.Arbitrary<Step[]> {
  return fc.array(step, { minLength: 1, maxLength: most, size: "max" });
}
