/**
 * Background jobs for Deno and Hono.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { createJobs } from "./mod.ts";
 *
 * const jobs = createJobs({ store: "memory:" });
 * jobs.queue.process<{ name: string }>("greet", (job) => `Hello ${job.data.name}`);
 * await jobs.start();
 * const id = await jobs.queue.add("greet", { name: "Ada" });
 * assertEquals(await jobs.queue.wait(id), "Hello Ada");
 * await jobs.stop();
 * ```
 *
 * @module
 */
export { createJobs, type Jobs, type JobsOptions, queue, scheduler, webhooks } from "./jobs.ts";
export { registerAllWorkers, type RegisterOptions } from "./workers/index.ts";
export {
  enqueueCustomWebhook,
  enqueuePaymentWebhook,
  enqueueUserWebhook,
  type EnqueueWebhookOptions,
  type PaymentEvent,
  sendWebhook,
  type UserEvent,
  type WebhookData,
  type WebhookResult,
  type WebhookTarget,
} from "./workers/webhook-worker.ts";
export { VERSION } from "./version.ts";
export {
  type CleanupSettings,
  type EnqueueCleanupOptions,
  enqueueFileCleanup,
  enqueueJobCleanup,
  enqueueLogCleanup,
  type JobLogsData,
  type OldFilesData,
  type OldFilesResult,
  type OldJobsData,
} from "./workers/cleanup-worker.ts";
export { scheduleCleanups } from "./workers/cleanup-schedules.ts";
export type { Authorize, Role } from "./routes/middleware/auth.ts";

export { Queue } from "./lib/queue.ts";
export type { ProcessInfo, QueueOptions } from "./lib/queue-options.ts";
export { Scheduler } from "./lib/scheduler.ts";
export { CronPatterns } from "./lib/schedule/patterns.ts";
export { type RotateOptions, WebhookLimitError, Webhooks, type WebhooksOptions } from "./lib/webhooks.ts";
export type { Delivery, DeliveryPage } from "./lib/webhook/deliveries.ts";
export type { EndpointFilter, WebhookEvent } from "./lib/webhook/endpoint.ts";
export type { EventBody, EventJob } from "./lib/webhook/event.ts";
export type { FeedGap } from "./lib/webhook/feed-state.ts";
export type { Webhook } from "./lib/webhook/info.ts";
export type { EndpointInput, NewEndpoint } from "./lib/webhook/input.ts";
export type { EndpointHealth } from "./lib/webhook/health.ts";
export type { ScheduleSelection } from "./lib/schedule/admin.ts";
export type { ScheduleChange, ScheduleVerb } from "./lib/schedule/changes.ts";
export type {
  Declaration,
  MissedPolicy,
  OverlapPolicy,
  ScheduleDefinition,
  ScheduleOptions,
} from "./lib/schedule/definition.ts";
export type { NewSchedule, ScheduleChanges } from "./lib/schedule/input.ts";
export type { RunOutcome } from "./lib/schedule/record.ts";
export type { ScheduleTick } from "./lib/schedule/request.ts";
export type { JobTemplate, ScheduledJob, ScheduledJobOptions } from "./lib/schedule/template.ts";
export type { Schedule, ScheduleRun, ScheduleState } from "./lib/schedule/view.ts";
export {
  type ClockChange,
  type Cron,
  type CronOptions,
  CronSyntaxError,
  type DstPolicy,
  parseCron,
} from "./lib/cron.ts";
export type { AddRequest } from "./lib/adder.ts";
export type { AddOptions, UniqueOptions } from "./lib/options.ts";
export type { JobContext, JobLog } from "./lib/context.ts";
export {
  type DataSchema,
  defineJob,
  type JobDefinition,
  type JobDefinitionOptions,
} from "./lib/define-job.ts";
export type { Handler, ProcessOptions, Processor } from "./lib/handlers.ts";
export type { Middleware } from "./lib/middleware.ts";
export { backoffDelay, type BackoffFunction } from "./lib/backoff.ts";
export type { JobEvent, Listener, QueueEvents, ScheduleEvent } from "./lib/events.ts";
export type { Log } from "./lib/log.ts";
export { JobFailedError, type WaitOptions, WaitTimeoutError } from "./lib/finish-waits.ts";
export type {
  DeleteExpiredOptions,
  HistoryRange,
  JobUpdate,
  PageOptions,
  PruneLogsOptions,
  PruneOptions,
} from "./lib/queries.ts";
export type { PauseOptions } from "./lib/queue-pause.ts";
export type {
  BackoffOptions,
  FinalStatus,
  Job,
  JobError,
  JobProgress,
  JobStatus,
  UniqueHold,
} from "./lib/job.ts";
export type { Histogram, HistoryPoint } from "./lib/history.ts";
export type {
  JobFilter,
  JobPage,
  LogLine,
  LogPage,
  QueueInfo,
  QueuePause,
  StatusCounts,
  Store,
  StoreStats,
  WorkerInfo,
  WorkerReport,
} from "./lib/store.ts";
export type { FeedPage } from "./lib/store.ts";
export type { ChangedJob, JobChange } from "./lib/job-change.ts";
export type { JobHead } from "./lib/job-head.ts";
export type { Clock } from "./lib/clock.ts";
export {
  CancelledError,
  ClosedError,
  InputRangeError,
  InputTypeError,
  InvalidStatusError,
  isInputError,
  LeaseLostError,
  NotFoundError,
  QueueError,
  ShutdownError,
  StoreUnavailableError,
  TimeoutError,
  UniqueConflictError,
  WorkerIdInUseError,
} from "./lib/errors.ts";
