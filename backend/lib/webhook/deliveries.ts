import { InvalidStatusError, NotFoundError } from "../errors.ts";
import { isWaiting, type Job, type JobStatus } from "../job.ts";
import type { PageOptions } from "../queries.ts";
import type { Queue } from "../queue.ts";
import { DELIVERY_TYPE, deliveryTag } from "./endpoint.ts";
import type { DeliveryData } from "./message.ts";

/** An event on its way to an endpoint, or that has arrived: a job, as people look at it. Times are epoch milliseconds. */
export interface Delivery {
  /** The job's. */
  readonly id: string;
  /** `webhook-id`: the same for every attempt, repeat and endpoint. */
  readonly eventId: string;
  /** `job.completed`. */
  readonly event: string;
  /** The job that it tells of. */
  readonly jobId: string;
  readonly status: JobStatus;
  readonly attempt: number;
  readonly maxAttempts: number;
  /** What the receiver answered last; null: nothing. */
  readonly responseStatus: number | null;
  /** Why the last attempt failed. */
  readonly error: string | null;
  /** The delivery that it repeats. */
  readonly repeats: string | null;
  readonly createdAt: number;
  readonly startedAt: number | null;
  readonly finishedAt: number | null;
  /** null: there is none. */
  readonly nextAttemptAt: number | null;
}

/** Deliveries of one endpoint, a page of them. */
export interface DeliveryPage {
  deliveries: Delivery[];
  nextCursor: string | null;
  scanned: number;
}

/** What of a queue is used. */
type DeliveryQueue = Pick<Queue, "list" | "get" | "repeat">;

/**
 * One page of what an endpoint was told and is to be told: first what waits or runs, as it will be sent, then what has
 * ended, newest first. They go as their jobs do, when these are too old.
 *
 * @throws {InputTypeError | InputRangeError} Limit or cursor is wrong.
 */
export async function listDeliveries(
  queue: DeliveryQueue,
  endpointId: string,
  { status, ...page }: PageOptions & { status?: readonly JobStatus[] },
): Promise<DeliveryPage> {
  const filter = { tag: deliveryTag(endpointId), type: DELIVERY_TYPE };
  const found = await queue.list(status === undefined ? filter : { ...filter, status }, page);
  const partial = new Set(found.partial);
  const deliveries: Delivery[] = [];
  for (const job of found.jobs) {
    // One after the other: long ones are left out of lists for a reason.
    const whole = partial.has(job.seq) ? await queue.get(job.seq) : job;
    const delivery = whole === null ? null : toDelivery(whole, endpointId);
    if (delivery !== null) deliveries.push(delivery);
  }
  return { deliveries, nextCursor: found.nextCursor, scanned: found.scanned };
}

/**
 * Sends an event once more: the same body under the same `webhook-id`, signed anew.
 *
 * @returns The new delivery.
 * @throws {NotFoundError} The endpoint has no such delivery.
 * @throws {InvalidStatusError} It has not ended: it will be sent anyway.
 */
export async function resend(queue: DeliveryQueue, endpointId: string, id: string): Promise<Delivery> {
  const job = await queue.get(id);
  const delivery = job === null ? null : toDelivery(job, endpointId);
  if (job === null || delivery === null) throw new NotFoundError("delivery", id);
  if (job.finishedAt === null) throw new InvalidStatusError("resend", id, job.status);
  const repeatId = await queue.repeat(job.id, job.data);
  const repeat = await queue.get(repeatId);
  const added = repeat === null ? null : toDelivery(repeat, endpointId);
  if (added === null) throw new NotFoundError("delivery", repeatId); // it has been sent and removed since
  return added;
}

/** `job` as a delivery; null if it is none to this endpoint. */
function toDelivery(job: Job, endpointId: string): Delivery | null {
  const data = job.data as Partial<DeliveryData> | null;
  const { event: eventId, body } = data ?? {};
  const jobId = body?.data?.job?.id; // anybody who may add any job may have made it
  if (job.type !== DELIVERY_TYPE || data?.endpoint !== endpointId) return null;
  if (eventId === undefined || body === undefined || jobId === undefined) return null;
  const error = job.errors.at(-1);
  return {
    id: job.id,
    eventId,
    event: body.type,
    jobId,
    status: job.status,
    attempt: job.attempt,
    maxAttempts: job.maxAttempts,
    responseStatus: statusOf(job),
    error: job.status === "completed" ? null : error?.message ?? null,
    repeats: job.retryOf,
    createdAt: job.createdAt,
    startedAt: job.startedAt,
    finishedAt: job.finishedAt,
    nextAttemptAt: isWaiting(job.status) ? job.scheduledAt : null,
  };
}

/** The status in the result, or else the one that the last error begins with: "https://example.com answered 503: …". */
function statusOf({ result, errors, status }: Job): number | null {
  if (status === "completed") return (result as { status?: number } | null)?.status ?? null;
  const found = /^\S+ answered (\d{3})\b/.exec(errors.at(-1)?.message ?? "");
  return found === null ? null : Number(found[1]);
}
