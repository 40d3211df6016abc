/** What the data of server-sent events holds. */
import { z } from "@hono/zod-openapi";
import { jobSchema } from "./job-schemas.ts";
import { isoTime } from "./schemas.ts";
import { countsSchema } from "./stats.ts";

const { shape } = jobSchema;

const jobEvent = z.object({
  id: shape.id,
  type: shape.type,
  queue: shape.queue,
  status: shape.status,
  priority: shape.priority,
  tags: shape.tags,
  attempt: shape.attempt,
  maxAttempts: shape.maxAttempts,
  progress: shape.progress,
  createdAt: isoTime,
  scheduledAt: isoTime,
  startedAt: isoTime.nullable(),
  finishedAt: isoTime.nullable(),
  at: isoTime.openapi({ description: "When it happened" }),
}).openapi({ description: "What became of a job" });

const manyEvent = z.object({ count: z.number() }).openapi({
  description: "So many events of jobs came at once, more than `most`: read anew what you show of jobs",
});

const statsEvent = countsSchema.extend({ byQueue: z.record(z.string(), countsSchema) })
  .openapi({ description: "How many jobs have each status: at the beginning, and when that has changed" });

const workerEvent = z.object({
  id: z.string(),
  host: z.string(),
  pid: z.number(),
  concurrency: z.number(),
  types: z.array(z.string()),
}).openapi({ description: "What became of a process that runs jobs" });

const scheduleEvent = z.object({ name: z.string() })
  .openapi({ description: "What was done to a schedule" });

const resetEvent = z.strictObject({})
  .openapi({ description: "Some events are lost: read anew what you know of jobs" });

/** The schemas of the data, by name. */
export const EVENT_DATA = {
  JobEvent: jobEvent,
  ManyEvent: manyEvent,
  StatsEvent: statsEvent,
  WorkerEvent: workerEvent,
  ScheduleEvent: scheduleEvent,
  ResetEvent: resetEvent,
};

/** What data each event has; where a `*` stands, there are several. */
export const EVENTS: Readonly<Record<string, keyof typeof EVENT_DATA>> = {
  "job.added": "JobEvent",
  "job.started": "JobEvent",
  "job.progress": "JobEvent",
  "job.retrying": "JobEvent",
  "job.completed": "JobEvent",
  "job.failed": "JobEvent",
  "job.cancelled": "JobEvent",
  "job.many": "ManyEvent",
  stats: "StatsEvent",
  "worker.joined": "WorkerEvent",
  "worker.draining": "WorkerEvent",
  "worker.left": "WorkerEvent",
  "worker.died": "WorkerEvent",
  "schedule.*": "ScheduleEvent",
  reset: "ResetEvent",
};
