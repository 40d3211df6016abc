import type { InferResponseType } from "hono/client";
import type { Api } from "./api.ts";

type Errors = InferResponseType<Api["errors"]["$get"], 200>;

/** What can be looked back on: in words, and in milliseconds. */
export const RANGES = { "1h": "1h", "24h": "24h", "7d": "7d", "30d": "30d" } as const;
export type Range = keyof typeof RANGES;
const LENGTHS: Readonly<Record<Range, number>> = { "1h": 36e5, "24h": 864e5, "7d": 6048e5, "30d": 2592e6 };

/** As many causes as one answer has. */
const MOST = "200";
/** As many types as there are to choose from. */
const MOST_TYPES = 100;

type Group = Errors["data"][number];

/** Failures of one cause. */
export type Cause = Omit<Group, "sample" | "workers"> & {
  /** It was not seen before the version that runs now, as far as the range goes back. */
  isNew: boolean;
};

/** The same with the last of them. */
export type OpenCause = Cause & Pick<Group, "sample" | "workers">;

/** Which failures are shown, as the address says. */
export interface ErrorsQuery {
  range: Range;
  /** Only this type and its family. */
  type: string | null;
  /** The cause whose last failure is shown. */
  open: string | null;
}

export interface ErrorsData {
  causes: Cause[];
  /** How many causes there are, shown or not. */
  groups: number;
  /** Failed attempts of the causes that are shown. */
  failures: number;
  /** False: there are older failures that were not looked at. */
  complete: boolean;
  /** Where the range begins, and when it was looked at. */
  from: string;
  at: number;
  /** Width of a bucket, milliseconds. */
  step: number;
  /** The version that took over within the range. */
  release: { version: string; at: string } | null;
  opened: OpenCause | null;
}

export function errorsIn(params: URLSearchParams): ErrorsQuery {
  const range = params.get("range") ?? "";
  const open = params.get("open");
  return {
    // Whoever comes to see one cause does not know when it was.
    range: Object.hasOwn(RANGES, range) ? range as Range : open === null ? "24h" : "30d",
    type: params.get("type") || null,
    open,
  };
}

export async function loadErrors(api: Api, { range, type, open }: ErrorsQuery): Promise<ErrorsData> {
  const query = { range, limit: MOST, ...(type === null ? {} : { type }) };
  const [errors, versions] = await Promise.all([
    api.errors.$get({ query }).then((answer) => answer.json()),
    api.stats.versions.$get({ query: {} }).then((answer) => answer.json()),
  ]);
  const { data, groups, complete } = errors;
  const from = errors.from ?? "";
  const release = versions.data.at(-1) ?? null;
  // Of what was before the range, or was not looked at, nobody knows whether it is new.
  const since = release !== null && complete && release.at > from ? release.at : null;
  const causes = data.map((group) => ({ ...group, isNew: since !== null && group.firstAt >= since }));
  return {
    causes: causes.map(({ sample: _, workers: __, ...cause }) => cause),
    groups,
    failures: data.reduce((sum, { count }) => sum + count, 0),
    complete,
    from,
    at: Date.parse(from) + LENGTHS[range] - 1,
    step: errors.step ?? 0,
    release: since === null ? null : release,
    opened: causes.find(({ fingerprint }) => fingerprint === open) ?? null,
  };
}

/** The types of which a job has failed, or waits for another attempt. */
export async function loadFailingTypes(api: Api): Promise<string[]> {
  const { byType } = await (await api.jobs.stats.$get({ query: {} })).json();
  return Object.entries(byType).filter(([, { failed, retrying }]) => failed + retrying > 0)
    .map(([name]) => name).sort().slice(0, MOST_TYPES);
}
