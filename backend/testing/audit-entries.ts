import type { Role } from "../routes/middleware/auth.ts";
import type { Api } from "./api.ts";

export const AUDIT = "/api/admin/audit";

/** An entry of the audit log, as it is answered. */
export interface Entry {
  action: string;
  subject: string | null;
  by: string;
  at: string;
  requestId: string;
  before: Record<string, unknown> | null;
  after: Record<string, unknown> | null;
}

/** A page of them. */
export interface Page {
  data: Entry[];
  nextCursor: string | null;
}

/** The newest entries. */
export async function entriesOf(api: Api, query = "", role: Role = "admin"): Promise<Entry[]> {
  return (await api.call<Page>("GET", AUDIT + query, { role })).body.data;
}

/** Adds a job that waits: `j`. */
export async function waiting(api: Api): Promise<void> {
  await api.queue.add("a", 1, { jobId: "j" });
}

/** Makes a schedule: `s`. */
export async function scheduled(api: Api): Promise<void> {
  await api.scheduler.create({ name: "s", expression: "@daily", job: { type: "a" } });
}
