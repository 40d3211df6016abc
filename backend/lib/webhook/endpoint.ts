import { typeMatches } from "../filter.ts";
import type { ChangedJob, JobChange } from "../job-change.ts";
import type { StoredRecord } from "../store.ts";

/** What endpoints can be told of a job. */
export const WEBHOOK_EVENTS = [
  "job.added",
  "job.started",
  "job.retrying",
  "job.completed",
  "job.failed",
  "job.cancelled",
] as const;

/** One of them. */
export type WebhookEvent = typeof WEBHOOK_EVENTS[number];

/** The type of the jobs that deliver events to endpoints. What becomes of those is told to no endpoint. */
export const DELIVERY_TYPE = "webhook:deliver";

/** Which events an endpoint gets: all conditions must hold, and an empty list is none. */
export interface EndpointFilter {
  readonly events: readonly WebhookEvent[];
  /** Of jobs of these types; `email` means the type `email` and the family `email:…`. */
  readonly types: readonly string[];
  readonly queues: readonly string[];
  /** Of jobs that have one of these. */
  readonly tags: readonly string[];
}

/** A key by which messages are signed. */
export interface EndpointSecret {
  readonly value: string;
  /** Epoch milliseconds. */
  readonly since: number;
  /** Epoch milliseconds at which it is signed with no more; null: the present one. */
  readonly until: number | null;
}

/** Somebody who is told what happens to jobs. Times are epoch milliseconds. */
export interface Endpoint extends EndpointFilter {
  /** A UUIDv7: endpoints sort by it in the order they were made. */
  readonly id: string;
  readonly url: string;
  readonly description: string;
  readonly enabled: boolean;
  /** Why it was disabled by itself; null: it was not. */
  readonly disabledBecause: string | null;
  /** Sent along; their values may be secrets. */
  readonly headers: Readonly<Record<string, string>>;
  /** The present one first, then those that are still good beside it. */
  readonly secrets: readonly EndpointSecret[];
  readonly createdAt: number;
  readonly createdBy: string | null;
  readonly updatedAt: number;
}

/** The tag of all deliveries to an endpoint. */
export function deliveryTag(endpointId: string): string {
  return `webhook:${endpointId}`;
}

/** The event that endpoints know `change` by; null: they are not told. */
export function eventOf({ event, job }: JobChange): WebhookEvent | null {
  if (job.type === DELIVERY_TYPE) return null; // or each delivery would cause the next
  return WEBHOOK_EVENTS.find((name) => name === `job.${event}`) ?? null;
}

/** True if an endpoint of this filter is to be told that `event` happened to `job`. */
export function wants(filter: EndpointFilter, event: WebhookEvent, job: ChangedJob): boolean {
  const { events, types, queues, tags } = filter;
  return events.includes(event) &&
    (types.length === 0 || types.some((type) => typeMatches(job.type, type))) &&
    (queues.length === 0 || queues.includes(job.queue)) &&
    (tags.length === 0 || tags.some((tag) => job.tags.includes(tag)));
}

/** The secrets that are good at `now`, the present one first. */
export function goodSecrets({ secrets }: Endpoint, now: number): EndpointSecret[] {
  return secrets.filter(({ until }) => until === null || until > now);
}

/** Reads a record; null if it is none that this version can use. */
export function readEndpoint({ key, value }: StoredRecord): Endpoint | null {
  if (typeof value !== "object" || value === null) return null;
  const { url, enabled, headers, ...lists } = value as Partial<Endpoint>;
  const { events, types, queues, tags, secrets } = lists;
  const isWhole = typeof url === "string" && typeof enabled === "boolean" && typeof headers === "object" &&
    [events, types, queues, tags, secrets].every(Array.isArray);
  return isWhole ? { ...value as Endpoint, id: key } : null;
}
