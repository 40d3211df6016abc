import type { Context, MiddlewareHandler } from "hono";
import { routePath } from "hono/route";
import type { AuditNote } from "../../lib/audit-entry.ts";
import type { AuditLog } from "../../lib/audit-log.ts";
import { logOf } from "../../lib/log.ts";
import type { ApiEnv } from "./auth.ts";

const READS: readonly string[] = ["GET", "HEAD", "OPTIONS"];

/**
 * Writes an entry for each request that has changed something: what its route says by `note`, or else its method and
 * path, so that no change goes unseen because a route says nothing.
 *
 * If the entry cannot be stored, that is logged and the request succeeds: what was asked for is done, and who is told
 * that it failed does it again.
 */
export function audited(audit: Pick<AuditLog, "add">): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    await next();
    if (READS.includes(c.req.method) || !c.res.ok || c.var.audit === null) return;
    const note = c.var.audit ?? { action: `${c.req.method} ${routePath(c)}`, subject: null };
    const { role: by, requestId } = c.var;
    try {
      await audit.add(note, { by, requestId });
    } catch (error) {
      const { action, subject } = note;
      logOf("http").error("Cannot store who did {action}: {error}", {
        action,
        subject,
        by,
        requestId,
        error,
      });
    }
  };
}

/** Says what the request has changed. */
export function note(c: Context<ApiEnv>, change: AuditNote): void {
  c.set("audit", change);
}

/** Says that the request needs no entry, and why. */
export function noteNothing(c: Context<ApiEnv>, _reason: string): void {
  c.set("audit", null);
}
