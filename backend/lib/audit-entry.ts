import { isSame } from "./schedule/same.ts";

/** What was done, as whoever did it says. */
export interface AuditNote {
  /** What is changed, a dot, and how: `job.cancel`. */
  action: string;
  /** The id or name of what was changed; null if it was not one thing. */
  subject: string | null;
  /** The thing as it was; null or absent: there was none, or it does not matter. Secrets are masked already. */
  before?: object | null;
  /** The thing as it became, or what was asked for. Secrets are masked already. */
  after?: object | null;
}

/** One change that somebody made. */
export interface AuditEntry {
  /** A UUIDv7: entries sort by it in the order they were made. */
  readonly id: string;
  /** Epoch milliseconds. */
  readonly at: number;
  /** The role of who did it. */
  readonly by: string;
  readonly action: string;
  readonly subject: string | null;
  /** The id of the request, which the logs and the answer name too. */
  readonly requestId: string | null;
  /** The fields that changed, as they were; long values are cut. null: there was nothing, or nothing changed. */
  readonly before: Readonly<Record<string, unknown>> | null;
  /** The same fields, as they became. */
  readonly after: Readonly<Record<string, unknown>> | null;
}

/** The most characters of JSON that one value, and all values of a side, are kept with. */
const LONGEST_VALUE = 1_000;
const LONGEST_SIDE = 8_000;

/** Fields that change with every change, and say nothing of it. */
const NOISE: ReadonlySet<string> = new Set(["updatedAt", "version"]);

/** Returns what `note` says has changed: of two sides the fields that differ, of one all it has. */
export function changesOf({ before = null, after = null }: AuditNote): Pick<AuditEntry, "before" | "after"> {
  const [old, fresh] = [before, after].map((side) => side === null ? null : fieldsOf(side));
  const differs = (name: string) => {
    return old == null || fresh == null || !isSame(old.get(name) ?? null, fresh.get(name) ?? null);
  };
  const names = [...new Set([...old?.keys() ?? [], ...fresh?.keys() ?? []])]
    .filter((name) => !NOISE.has(name) && differs(name));
  return { before: sideOf(old ?? null, names), after: sideOf(fresh ?? null, names) };
}

/** A field without a value is none: JSON has no other way to say so. */
function fieldsOf(side: object): Map<string, unknown> {
  return new Map(Object.entries(side).filter(([, value]) => value !== undefined));
}

/** The fields `names` of one side, as far as there is room. */
function sideOf(side: ReadonlyMap<string, unknown> | null, names: readonly string[]): AuditEntry["before"] {
  if (side === null || names.length === 0) return null;
  let left = LONGEST_SIDE;
  const kept: [string, unknown][] = [];
  for (const name of names) {
    const text = JSON.stringify(side.get(name) ?? null);
    const short = text.length > LONGEST_VALUE;
    left -= Math.min(text.length, LONGEST_VALUE) + name.length;
    if (left < 0) {
      kept.push(["…", `${names.length - kept.length} more fields`]);
      break;
    }
    kept.push([name, short ? `${text.slice(0, LONGEST_VALUE)}…` : JSON.parse(text)]);
  }
  return Object.fromEntries(kept);
}
