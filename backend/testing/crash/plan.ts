import type { AddOptions } from "../../lib/options.ts";
import { Random } from "./random.ts";

/** What a job does, seen from its receiver. */
export type Behaviour =
  /** Answered at once. */
  | { kind: "fast" }
  /** Answered after `ms`. */
  | { kind: "slow"; ms: number }
  /** Answered 500 this many times, then 200. */
  | { kind: "failing"; times: number };

/** One job of a run, as it will be added. */
export interface PlannedJob {
  /** The id it has in the store, however often its add is repeated. */
  id: string;
  /** Adds it alone, under this Idempotency-Key; null: in an array, with `id` as its `jobId`. */
  idempotencyKey: string | null;
  behaviour: Behaviour;
  options: AddOptions;
}

/** Attempts no job uses up, however often its process is killed: none of the run's kills may fail it. */
const PLENTY = 1_000;

/** Makes the job with number `n` of a run. Most are fast; the rest are slow, delayed, failing or fragile. */
export async function planJob(n: number, seed: number): Promise<PlannedJob> {
  const random = new Random(seed + Math.imul(n + 1, 0x9e3779b1)); // its own: callers plan in no certain order
  const single = random.chance(0.04);
  const key = `crash-${n}`;
  const options: AddOptions = { maxAttempts: PLENTY };
  if (random.chance(0.2)) options.priority = random.between(-10, 10);
  if (random.chance(0.1)) options.delay = random.between(20, 1_500);
  const behaviour = planBehaviour(random, options);
  const id = single ? await idempotentId(key) : key;
  return { id, idempotencyKey: single ? key : null, behaviour, options };
}

function planBehaviour(random: Random, options: AddOptions): Behaviour {
  const draw = random.next();
  if (draw < 0.04) return { kind: "slow", ms: random.between(20, 400) };
  if (draw < 0.1) {
    options.backoff = { type: "fixed", delay: random.between(10, 500), jitter: 0.1 };
    return { kind: "failing", times: random.between(1, 3) };
  }
  if (draw < 0.11) {
    // Fails when its processes die twice while they run it: such a failure must be explained by both deaths.
    options.maxAttempts = 2;
    return { kind: "slow", ms: random.between(100, 300) };
  }
  return { kind: "fast" };
}

/** The id that `POST /api/admin/jobs` gives to an add with this Idempotency-Key. */
async function idempotentId(key: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(key));
  return `idem:${Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

/** What a process has just done, or had done to it, when it is killed. */
export type Moment = "add" | "arrival" | "answer" | "due" | "start" | "any";

/** The moments, and the work that a kill at each is aimed at. */
export const MOMENTS: Record<Moment, string> = {
  add: "adds", // a request that adds jobs is under way
  arrival: "claims", // a webhook arrived at the sink
  answer: "settles", // the sink has answered one
  due: "promotes", // a delayed job is due
  start: "rescues", // the process is in the middle of its start, or just over it
  any: "anything",
};

/** One kill as planned. What happens in the process then is up to the machine. */
export interface PlannedKill {
  moment: Moment;
  /** Milliseconds after the moment; for `start` a part of the time that a start takes. */
  after: number;
  /** The part of the round's jobs that are delivered first, 0–1. */
  progress: number;
  /** Draws the victim. */
  victim: number;
}

/** Makes `count` kills. */
export function planKills(count: number, random: Random): PlannedKill[] {
  return Array.from({ length: count }, () => {
    const moment = random.pick<Moment>(["add", "arrival", "answer", "due", "start", "any"]);
    return {
      moment,
      after: moment === "start" ? 0.4 + random.next() * 0.8 : random.next() ** 2 * 30,
      progress: random.next() * 0.8,
      victim: random.between(0, 1_000_000),
    };
  });
}
