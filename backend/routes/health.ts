import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import type { Clock } from "../lib/clock.ts";
import type { Queue } from "../lib/queue.ts";
import { answer } from "./schemas.ts";

/** How long the store may take to answer before this process counts as not ready, in milliseconds. */
const PATIENCE = 2000;

/** Why a process is not ready. It says no more than that: anybody may ask. */
const code = z.enum(["store_unavailable", "worker_stale"]);

const live = createRoute({
  method: "get",
  path: "/live",
  responses: { 200: answer("The process answers", z.object({ status: z.literal("ok") })) },
});

const ready = createRoute({
  method: "get",
  path: "/ready",
  responses: {
    200: answer(
      "The store answers, and the heartbeat of this process is fresh",
      z.object({ status: z.literal("ok") }),
    ),
    503: answer(
      "This process can do no work now",
      z.object({ status: z.literal("unavailable"), codes: z.array(code) }),
    ),
  },
});

/** Routes under `/health`, open to all. */
export function healthRoutes({ queue, clock }: { queue: Queue; clock: Clock }) {
  async function check(): Promise<z.infer<typeof code>[]> {
    await queue.ping();
    if (!queue.isRunning) return [];
    const own = (await queue.workers()).find(({ id }) => id === queue.workerId);
    return own?.alive === true ? [] : ["worker_stale"];
  }

  return new OpenAPIHono()
    .openapi(live, (c) => c.json({ status: "ok" as const }, 200))
    .openapi(ready, async (c) => {
      const patience = new AbortController();
      const codes = await Promise.race([
        check().catch(() => ["store_unavailable" as const]),
        clock.sleep(PATIENCE, patience.signal).then(() => ["store_unavailable" as const]),
      ]);
      patience.abort();
      if (codes.length === 0) return c.json({ status: "ok" as const }, 200);
      return c.json({ status: "unavailable" as const, codes }, 503);
    });
}
