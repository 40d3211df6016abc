import type { Kill } from "./fleet.ts";
import { type Charge, type JobAccount, judgeJob, killsBefore, type StoredJob } from "./judge.ts";
import { runsOf } from "./runs.ts";
import type { PlannedJob } from "./plan.ts";
import type { Delivery } from "./sink.ts";

/** All that is known at the end of a run. */
export interface Evidence {
  /** Jobs whose add was answered 2xx, by id. */
  acknowledged: ReadonlyMap<string, PlannedJob>;
  /** What the sink got, by job. */
  deliveries: ReadonlyMap<string, readonly Delivery[]>;
  kills: readonly Kill[];
  /** Every job in the store. */
  stored: readonly StoredJob[];
  /** What the store counts, without looking at its jobs. */
  counted: { completed: number; failed: number; unfinished: number };
  /** Handlers each process ran at the same time. */
  concurrency: number;
}

/** Something that must not happen, and did. */
export interface Finding {
  kind:
    | "lost"
    | "stuck"
    | "unexplained run"
    | "wrongly charged"
    | "wrongly failed"
    | "unplanned"
    | "miscounted";
  /** A job's id, a process, or a count. */
  subject: string;
  why: string;
}

/** The outcome of a run. */
export interface Ledger {
  acknowledged: number;
  completed: number;
  /** Each by as many deaths as it had attempts. */
  failed: number;
  /** Jobs with a delivery that was not the last and that nobody refused: each explained by a kill. */
  runTwice: number;
  /** Attempts charged because a process died. */
  charged: number;
  /** Of these, the ones whose request was not under way: the kill came just before it, or just after its answer. */
  chargedUnseen: number;
  /** Longest time in milliseconds between an answer and the kill that made its job run again. */
  longestUnsettled: number;
  kills: number;
  findings: Finding[];
}

/** Holds every job of a run against what the sink, the fleet and the store say of it. */
export function makeLedger(evidence: Evidence): Ledger {
  const { acknowledged, deliveries, kills, concurrency } = evidence;
  const stored = new Map(evidence.stored.map((job) => [job.id, job]));
  const killByProcess = new Map(kills.map((kill) => [kill.process, kill]));
  const cutOffs = findCutOffs(kills);
  const accounts = [...acknowledged.keys()].map((id) =>
    judgeJob({
      id,
      stored: stored.get(id),
      runs: runsOf(deliveries.get(id) ?? [], killByProcess),
      kills,
      cutOffs: cutOffs.get(id) ?? [],
    })
  );
  const countOf = (test: (account: JobAccount) => boolean) => accounts.filter(test).length;
  const charges = accounts.flatMap(({ charges }) => charges);
  return {
    acknowledged: acknowledged.size,
    completed: countOf(({ status }) => status === "completed"),
    failed: countOf(({ status }) => status === "failed"),
    runTwice: countOf(({ repeats }) => repeats > 0),
    charged: charges.length,
    chargedUnseen: charges.filter(({ kill }) => kill === null).length,
    longestUnsettled: accounts.reduce((longest, { unsettled }) => Math.max(longest, unsettled), 0),
    kills: kills.length,
    findings: [
      ...accounts.flatMap(({ findings }) => findings),
      ...findUnplanned(evidence),
      ...findOvercharged(charges, kills, concurrency),
      ...findMiscounted(evidence),
    ],
  };
}

/** The kills that came during a request, by job. */
function findCutOffs(kills: readonly Kill[]): Map<string, Kill[]> {
  const cutOffs = new Map<string, Kill[]>();
  for (const kill of kills) {
    for (const id of kill.underWay) cutOffs.set(id, [...cutOffs.get(id) ?? [], kill]);
  }
  return cutOffs;
}

/** Jobs that nobody added, or deliveries of them. */
function findUnplanned({ acknowledged, deliveries, stored }: Evidence): Finding[] {
  const listed = new Set<string>();
  const twice = stored.filter(({ id }) => listed.size === listed.add(id).size);
  const unknown = [...listed.union(new Set(deliveries.keys()))].filter((id) => !acknowledged.has(id));
  return [
    ...unknown.map((id) => finding("unplanned", id, "is no job of this run")),
    ...twice.map(({ id }) => finding("unplanned", id, "is listed twice")),
  ];
}

/** A process runs no more handlers than its concurrency: more charges mean that jobs paid which had not started. */
function findOvercharged(charges: readonly Charge[], kills: readonly Kill[], concurrency: number): Finding[] {
  const counts = new Map<Kill, number>(kills.map((kill) => [kill, 0]));
  const charge = (kill: Kill) => counts.set(kill, (counts.get(kill) ?? 0) + 1);
  const unseen: Charge[] = [];
  for (const one of charges) {
    if (one.kill === null) unseen.push(one);
    else charge(one.kill);
  }
  // Each to the first death that has room: if this leaves one over, no other way would not.
  for (const { at } of unseen.sort((a, b) => a.at - b.at)) {
    const possible = killsBefore(at, kills);
    const kill = possible.find((one) => (counts.get(one) ?? 0) < concurrency) ?? possible.at(-1);
    if (kill !== undefined) charge(kill);
  }
  return [...counts].filter(([, count]) => count > concurrency).map(([{ process }, count]) =>
    finding(
      "wrongly charged",
      `process ${process}`,
      `its death was charged to ${count} jobs, it ran ${concurrency}`,
    )
  );
}

/** What the store counts must be what its jobs are. */
function findMiscounted({ stored, counted }: Evidence): Finding[] {
  const actual = { completed: 0, failed: 0, unfinished: 0 };
  for (const { status } of stored) {
    if (status === "completed" || status === "failed") actual[status]++;
    else actual.unfinished++;
  }
  return (["completed", "failed", "unfinished"] as const).filter((name) => actual[name] !== counted[name])
    .map((name) =>
      finding("miscounted", name, `the store counts ${counted[name]}, there are ${actual[name]}`)
    );
}

function finding(kind: Finding["kind"], subject: string, why: string): Finding {
  return { kind, subject, why };
}
