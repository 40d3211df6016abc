import { OpenAPIHono, z } from "@hono/zod-openapi";
import type { Clock } from "../lib/clock.ts";
import { HistoryTotals } from "../lib/history-totals.ts";
import { logOf } from "../lib/log.ts";
import type { Queue } from "../lib/queue.ts";
import type { ScheduleState } from "../lib/schedule/view.ts";
import type { Scheduler } from "../lib/scheduler.ts";
import type { MetricsPage, PageView } from "./metrics/page.ts";
import type { ApiEnv } from "./middleware/auth.ts";
import { refuseMisfits } from "./middleware/issues.ts";
import { nothing, route } from "./schemas.ts";

/** How long the store may take, in milliseconds: Prometheus gives up after ten seconds, and must learn what is wrong. */
const PATIENCE = 5_000;

/** Milliseconds for which schedules are not counted again: that reads every one of them. */
const SCHEDULES_FRESH = 60_000;

const readMetrics = route(["viewer"], {
  method: "get",
  path: "/",
  summary: "Measures the store and this process, for Prometheus",
  request: { query: nothing },
  responses: {
    200: {
      description: "Metrics of the store and of this process, as Prometheus reads them",
      content: { "text/plain": { schema: z.string() } },
    },
  },
});

/** Whose metrics they are. */
interface MetricsOptions {
  queue: Queue;
  scheduler: Scheduler;
  clock: Clock;
}

/** `GET /metrics`. */
export function metricsRoutes({ queue, scheduler, clock }: MetricsOptions) {
  const totals = new HistoryTotals((range) => queue.history(range));
  const startedAt = clock.now() - clock.monotonic();
  let page: Promise<MetricsPage> | null = null;
  let schedules: { at: number; states: Map<ScheduleState, number> } | null = null;

  /** Loads what it takes at the first scrape: it would make up a good part of a program's start. */
  async function loadPage(): Promise<MetricsPage> {
    const { MetricsPage } = await import("./metrics/page.ts");
    return new MetricsPage(startedAt);
  }

  async function countSchedules(): Promise<Map<ScheduleState, number>> {
    const now = clock.monotonic();
    if (schedules !== null && now - schedules.at < SCHEDULES_FRESH) return schedules.states;
    const states = new Map<ScheduleState, number>();
    await scheduler.list({
      where({ state }) {
        states.set(state, (states.get(state) ?? 0) + 1);
        return false; // to be counted, its jobs need not be read
      },
    });
    schedules = { at: now, states };
    return states;
  }

  /** Reads everything there is to know of the store, and nothing that takes longer the more jobs there are. */
  async function readStore(pinged: (ms: number) => void): Promise<PageView> {
    const began = clock.monotonic();
    await queue.ping(); // alone: beside other reads it would measure those
    pinged(clock.monotonic() - began);
    const now = queue.now();
    const [stats, queues, workers, history, states] = await Promise.all([
      queue.stats(),
      queue.queues(),
      queue.workers(),
      totals.upTo(now),
      countSchedules(),
    ]);
    return { now, stats, queues, workers, totals: history, schedules: states };
  }

  /** What is in the store, null if it does not answer in time. */
  async function look(pinged: (ms: number) => void): Promise<PageView | null> {
    const over = new AbortController();
    const late = clock.sleep(PATIENCE, over.signal).then(() => null);
    try {
      return await Promise.race([readStore(pinged).catch(unreadable), late]);
    } finally {
      over.abort();
    }
  }

  return new OpenAPIHono<ApiEnv>({ defaultHook: refuseMisfits })
    .openapi(readMetrics, async (c) => {
      const metrics = await (page ??= loadPage());
      const view = await look((ms) => metrics.pinged(ms));
      const { text, contentType } = await metrics.write(view);
      return c.text(text, 200, { "Content-Type": contentType });
    });
}

/** The queue itself tells of a store that is away; the answer says so too. */
function unreadable(error: unknown): null {
  logOf("http").debug("Cannot read metrics from the store: {error}", { error });
  return null;
}
