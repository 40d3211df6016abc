import { OpenAPIHono, z } from "@hono/zod-openapi";
import type { Clock } from "../lib/clock.ts";
import type { Queue } from "../lib/queue.ts";
import type { Scheduler } from "../lib/scheduler.ts";
import { answer, openRoute } from "./schemas.ts";

/** How long store and first heartbeat may take before this process counts as not ready, in milliseconds. */
const PATIENCE = 2000;

/** Milliseconds between two looks for the first heartbeat of a process that has just started. */
const LOOK = 20;

/** Why a process is not ready. It says no more than that: anybody may ask. */
const code = z.enum(["store_unavailable", "worker_stale", "scheduler_stale"]);

const live = openRoute([], {
  method: "get",
  path: "/live",
  summary: "Tells that the process answers",
  responses: { 200: answer("The process answers", z.object({ status: z.literal("ok") })) },
});

const ready = openRoute([], {
  method: "get",
  path: "/ready",
  summary: "Tells whether this process can do work",
  responses: {
    200: answer(
      "The store answers, the heartbeat of this process is fresh, and its scheduler works",
      z.object({ status: z.literal("ok") }),
    ),
    503: answer(
      "This process can do no work now",
      z.object({ status: z.literal("unavailable"), codes: z.array(code) }),
    ),
  },
});

type Code = z.infer<typeof code>;

/** Whose health it is. */
interface HealthOptions {
  queue: Queue;
  scheduler: Scheduler;
  clock: Clock;
}

/** Routes under `/health`, open to all. */
export function healthRoutes({ queue, scheduler, clock }: HealthOptions) {
  /** Why this process is not ready, null if it is. Looks until `late`. */
  async function reason(late: Promise<"late">, over: AbortSignal): Promise<Code | null> {
    let missing: Code = "store_unavailable";
    if (await Promise.race([queue.ping(), late]) === "late") return missing;
    while (queue.isRunning) {
      const workers = await Promise.race([queue.workers(), late]);
      if (workers === "late") return missing;
      const own = workers.find(({ id }) => id === queue.workerId);
      if (own?.alive) return scheduler.isStuck ? "scheduler_stale" : null;
      if (own !== undefined) return "worker_stale";
      // It has just started, and its first heartbeat is on its way.
      missing = "worker_stale";
      if (await Promise.race([clock.sleep(LOOK, over), late]) === "late") return missing;
    }
    return null;
  }

  return new OpenAPIHono()
    .openapi(live, (c) => c.json({ status: "ok" as const }, 200))
    .openapi(ready, async (c) => {
      const over = new AbortController();
      const late = clock.sleep(PATIENCE, over.signal).then(() => "late" as const);
      const found = await reason(late, over.signal).catch(() => "store_unavailable" as const);
      over.abort();
      if (found === null) return c.json({ status: "ok" as const }, 200);
      return c.json({ status: "unavailable" as const, codes: [found] }, 503);
    });
}
