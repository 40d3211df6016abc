import type { Kill } from "./fleet.ts";
import type { Finding } from "./ledger.ts";
import { type Run, timeToKill, wasCutOff, wasRefused } from "./runs.ts";

/** A job as the API shows it, as far as the ledger looks. */
export interface StoredJob {
  id: string;
  status: string;
  attempt: number;
  maxAttempts: number;
  deaths: number;
  /** Of the last ten attempts that went wrong, oldest first. `at` is ISO 8601. */
  errors: readonly { name: string; attempt: number; at: string; message: string }[];
}

/** One job with all evidence about it. */
export interface JobCase {
  id: string;
  /** Undefined: the store does not have it. */
  stored: StoredJob | undefined;
  /** In their order. */
  runs: readonly Run[];
  kills: readonly Kill[];
  /** Those of `kills` that came while its request was under way. */
  cutOffs: readonly Kill[];
}

/** An attempt that was charged because its process died. */
export interface Charge {
  /** When it was charged, epoch milliseconds. */
  at: number;
  /** The kill that cut the attempt off; null if none came during the request, so that several may be meant. */
  kill: Kill | null;
}

/** What became of one job. */
export interface JobAccount {
  status: string;
  /** Runs after one that the sink did not refuse. */
  repeats: number;
  /** Longest time in milliseconds from the answer of such a run to the kill that explains it. */
  unsettled: number;
  charges: Charge[];
  findings: Finding[];
}

/** Milliseconds within which an answered job must be settled; a kill later than that explains no second run. */
const SETTLE_LIMIT = 3_000;
/** Milliseconds within which the jobs of a dead process must be charged and given back. */
const RESCUE_LIMIT = 10_000;
/** Errors a job keeps. */
const KEPT_ERRORS = 10;

type Add = (kind: Finding["kind"], why: string) => void;

/** Judges one job: is it whole, was each of its runs called for, has it paid for what it had to, and for no more? */
export function judgeJob(job: JobCase): JobAccount {
  const account: JobAccount = { status: "lost", repeats: 0, unsettled: 0, charges: [], findings: [] };
  const add: Add = (kind, why) => account.findings.push({ kind, subject: job.id, why });
  judgeRuns(job.runs, account, add);
  const { stored, runs } = job;
  if (stored === undefined) {
    add("lost", "was acknowledged and is not in the store");
    return account;
  }
  account.status = stored.status;
  if (stored.status === "completed" || stored.status === "failed") {
    judgeEnd(stored, runs, add);
    judgeAttempts(stored, runs, add);
    account.charges = judgeDeaths(stored, job, add);
  } else if (stored.status === "cancelled") {
    add("lost", "was cancelled and nobody asked for it");
  } else {
    add("stuck", `is ${stored.status}, attempt ${stored.attempt}`);
  }
  return account;
}

/** Every run but the last, unless the sink refused it, must be ended by the kill of its process. */
function judgeRuns(runs: readonly Run[], account: JobAccount, add: Add): void {
  for (const [i, run] of runs.entries()) {
    const { process, kill } = run;
    const next = runs[i + 1];
    if (process === "") add("unexplained run", "was delivered by an unknown process");
    if (next === undefined || wasRefused(run)) continue;
    account.repeats++;
    if (kill === null) {
      add("unexplained run", `ran in ${process}, which was not killed, and again in ${next.process}`);
    } else if (next.arrivedAt < kill.at) {
      add("unexplained run", `ran in ${next.process} while ${process} was alive and had it`);
    } else {
      account.unsettled = Math.max(account.unsettled, timeToKill(run));
      if (timeToKill(run) > SETTLE_LIMIT) {
        add(
          "unexplained run",
          `was answered ${timeToKill(run)} ms before ${process} was killed, and ran again`,
        );
      }
    }
  }
}

/** Completed: its last run was taken by the sink. Failed: its processes died as often as it may run. */
function judgeEnd(stored: StoredJob, runs: readonly Run[], add: Add): void {
  const last = runs.at(-1);
  if (stored.status === "completed") {
    if (last === undefined) add("lost", "is completed and never reached the sink");
    else if (last.status !== 200 || last.answeredAt === null || wasCutOff(last)) {
      add("lost", "is completed though its last run never heard that the sink took it");
    }
  } else if (stored.attempt !== stored.maxAttempts || stored.deaths !== stored.maxAttempts) {
    const why = `failed at attempt ${stored.attempt} of ${stored.maxAttempts} with ${stored.deaths} deaths`;
    add("wrongly failed", `${why}: ${stored.errors.at(-1)?.message ?? "no error"}`);
  }
}

/** Every attempt but a completed job's last is paid by an error, each a death or a refusal of the sink. */
function judgeAttempts(stored: StoredJob, runs: readonly Run[], add: Add): void {
  const { attempt, errors, status } = stored;
  const deaths = errors.filter(isDeath).length;
  const refusals = errors.length - deaths;
  const refused = runs.filter(wasRefused).length;
  if (refusals > refused) {
    add("wrongly charged", `has ${refusals} errors besides deaths, the sink refused it ${refused} times`);
  }
  if (errors.length === KEPT_ERRORS) return; // the oldest may be gone
  const paid = errors.length + (status === "completed" ? 1 : 0);
  if (attempt !== paid) add("wrongly charged", `is at attempt ${attempt}, its errors explain ${paid}`);
  if (stored.deaths !== deaths) {
    add("wrongly charged", `counts ${stored.deaths} deaths, its errors hold ${deaths}`);
  }
}

/** Every death that was charged has a kill behind it, one each, and every kill that cut the job off was charged. */
function judgeDeaths(stored: StoredJob, { kills, cutOffs }: JobCase, add: Add): Charge[] {
  const deaths = stored.errors.filter(isDeath);
  const unpaid = new Set(cutOffs);
  const charges = deaths.map((death): Charge => {
    const at = Date.parse(death.at);
    const kill = killsBefore(at, unpaid).at(-1) ?? null;
    if (kill !== null) unpaid.delete(kill);
    return { at, kill };
  });
  const open = new Set(deaths.length === 0 ? [] : kills).difference(new Set(cutOffs));
  for (const { at } of charges.filter(({ kill }) => kill === null)) {
    const [possible] = killsBefore(at, open);
    if (possible !== undefined) open.delete(possible);
    else add("wrongly charged", "paid an attempt for a death, and no kill explains it");
  }
  for (const { process } of stored.errors.length === KEPT_ERRORS ? [] : unpaid) {
    add("wrongly charged", `was running in ${process} when that was killed, and did not pay`);
  }
  return charges;
}

function isDeath({ name }: { name: string }): boolean {
  return name === "ProcessDiedError";
}

/** The kills that a job may have paid for at `at`, in their order. */
export function killsBefore(at: number, kills: Iterable<Kill>): Kill[] {
  return [...kills].filter((kill) => kill.at <= at && at - kill.at <= RESCUE_LIMIT);
}
