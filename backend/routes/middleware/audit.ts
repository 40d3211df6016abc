import type { Context } from "hono";
import { routePath } from "hono/route";
import type { AuditNote } from "../../lib/audit-entry.ts";
import type { AuditLog } from "../../lib/audit-log.ts";
import { logOf } from "../../lib/log.ts";
import type { ApiEnv } from "./auth.ts";
import type { Check } from "./checks.ts";

const READS: readonly string[] = ["GET", "HEAD", "OPTIONS"];

/**
 * Writes an entry for each request that has changed something: what its route says by `note`, or else its method and
 * path, so that no change goes unseen because a route says nothing.
 *
 * If the entry cannot be stored, that is logged and the request succeeds: what was asked for is done, and who is told
 * that it failed does it again.
 */
export function audited(audit: Pick<AuditLog, "add">): Check {
  return (c: Context<ApiEnv>) => {
    const said = c.get("audit");
    if (said === null || READS.includes(c.req.method) || c.res.status >= 400) return;
    return write(audit, c, said ?? { action: `${c.req.method} ${routePath(c)}`, subject: null });
  };
}

async function write(audit: Pick<AuditLog, "add">, c: Context<ApiEnv>, note: AuditNote): Promise<void> {
  const { role: by, requestId } = c.var;
  try {
    await audit.add(note, { by, requestId });
  } catch (error) {
    const { action, subject } = note;
    logOf("http").error("Cannot store who did {action}: {error}", { action, subject, by, requestId, error });
  }
}

/** Says what the request has changed. */
export function note(c: Context<ApiEnv>, change: AuditNote): void {
  c.set("audit", change);
}

/**
 * Says what the request changes. @returns What is to be told of the change once it is stored, and says what it did:
 * what is read before or after that, others may have changed.
 */
export function noteChange<T>(
  c: Context<ApiEnv>,
  what: Pick<AuditNote, "action" | "subject">,
  view: (thing: T) => object,
): (before: T, after: T | null) => void {
  note(c, what);
  return (before, after) => note(c, { ...what, before: view(before), after: after && view(after) });
}

/** Says that the request needs no entry, and why. */
export function noteNothing(c: Context<ApiEnv>, _reason: string): void {
  c.set("audit", null);
}
