import type { InferResponseType } from "hono/client";
import type { Api } from "./api.ts";

export type AuditEntry = InferResponseType<Api["audit"]["$get"], 200>["data"][number];

/** Which entries are shown: all of it stands in the address. */
export interface AuditQuery {
  /** `job.cancel`, or `job` for all that is done to jobs; "": any. */
  action: string;
  subject: string;
  by: string;
  /** null: from the newest on. */
  cursor: string | null;
}

/** One page of entries, the newest first. */
export interface AuditData {
  entries: AuditEntry[];
  nextCursor: string | null;
  /** How many entries were looked at, if the page was not filled by then. */
  scanned: number | null;
}

/** One field of what was changed; undefined: it was not there. */
export interface Difference {
  name: string;
  before?: unknown;
  after?: unknown;
}

const PAGE = "50";

/** What is done to things, to choose from. Other actions can be written. */
export const ACTIONS = [
  "job",
  "job.bulk",
  "job.cancel",
  "job.cleanup",
  "job.remove",
  "job.repeat",
  "job.retry",
  "job.update",
  "queue",
  "queue.pause",
  "queue.resume",
  "schedule",
  "schedule.create",
  "schedule.disable",
  "schedule.enable",
  "schedule.remove",
  "schedule.revert",
  "schedule.trigger",
  "schedule.update",
  "session",
  "session.end",
  "session.open",
  "view",
  "view.remove",
  "view.save",
  "webhook",
  "webhook.create",
  "webhook.remove",
  "webhook.resend",
  "webhook.rotate",
  "webhook.update",
  "worker",
  "worker.cleanup",
  "worker.remove",
  "worker.stop",
] as const;

export function auditQueryIn(params: URLSearchParams): AuditQuery {
  const text = (name: string) => params.get(name)?.trim() ?? "";
  return {
    action: text("action"),
    subject: text("subject"),
    by: text("by"),
    cursor: params.get("cursor") || null,
  };
}

/** The page of the log with `query`, from its beginning if that does not say where. */
export function addressOfAudit(base: string, query: Partial<AuditQuery>): string {
  const given = Object.entries(query).filter(([, value]) => value !== "" && value !== null);
  const params = new URLSearchParams(given as [string, string][]);
  return `${base}/admin/audit${params.size === 0 ? "" : `?${params}`}`;
}

export async function loadAudit(api: Api, { action, subject, by, cursor }: AuditQuery): Promise<AuditData> {
  const query = {
    limit: PAGE,
    ...(action !== "" && { action }),
    ...(subject !== "" && { subject }),
    ...(by !== "" && { by }),
    ...(cursor !== null && { cursor }),
  };
  const { data, nextCursor, scanned = null } = await (await api.audit.$get({ query })).json();
  return { entries: data, nextCursor, scanned };
}

/** The page of what was changed; null: it has none, or is no more. */
export function pageOfSubject(base: string, { action, subject }: AuditEntry): string | null {
  const [kind, verb] = action.split(".");
  if (subject === null || verb === "remove") return null;
  const name = encodeURIComponent(subject);
  switch (kind) {
    case "job":
      return `${base}/admin/jobs/${name}`;
    case "schedule":
      return `${base}/admin/schedules/${name}`;
    case "webhook":
      return `${base}/admin/webhooks/${name}`;
    case "queue":
      return `${base}/admin/jobs?queue=${name}`;
    case "worker":
      return `${base}/admin/workers`;
    default:
      return null;
  }
}

/** What was changed, field by field; what was left empty of something new or gone comes last. */
export function differencesOf({ before, after }: Pick<AuditEntry, "before" | "after">): Difference[] {
  const names = new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})]);
  const differences = [...names].map((name): Difference => ({
    name,
    ...(before !== null && Object.hasOwn(before, name) && { before: before[name] }),
    ...(after !== null && Object.hasOwn(after, name) && { after: after[name] }),
  }));
  if (before !== null && after !== null) return differences;
  return differences.sort((a, b) => Number(isEmpty(a)) - Number(isEmpty(b)));
}

function isEmpty({ before, after = before }: Difference): boolean {
  return after === null || after === "" || ["[]", "{}"].includes(JSON.stringify(after));
}
