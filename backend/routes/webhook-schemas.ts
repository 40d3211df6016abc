/** What requests and answers about webhooks hold. What is allowed within the fields `Webhooks` says itself. */
import { z } from "@hono/zod-openapi";
import { JOB_STATUSES } from "../lib/job.ts";
import { WEBHOOK_EVENTS } from "../lib/webhook/endpoint.ts";
import { cursor, duration, isoTime, limit } from "./schemas.ts";

const events = z.array(z.enum(WEBHOOK_EVENTS));

const fields = {
  description: z.string().optional(),
  enabled: z.boolean().optional(),
  events: events.optional(),
  types: z.array(z.string()).optional().openapi({ description: "Types or families of jobs; none: all" }),
  queues: z.array(z.string()).optional().openapi({ description: "None: all" }),
  tags: z.array(z.string()).optional().openapi({
    description: "Of which a job must have one; none: any job",
  }),
  headers: z.record(z.string(), z.string()).optional().openapi({
    description: 'Sent along. "[redacted]" keeps the value that is stored',
  }),
};

const secret = z.string().openapi({ example: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw" });

/** An endpoint to make. */
export const newWebhook = z.strictObject({
  url: z.string().openapi({ example: "https://example.com/hooks" }),
  ...fields,
  secret: secret.optional(),
}).openapi("NewWebhook");

/** What to change of an endpoint; what is left out stays. */
export const webhookChanges = z.strictObject({ url: z.string().optional(), ...fields })
  .refine((changes) => Object.keys(changes).length > 0, {
    message: "must hold at least one field to change",
  });

/** How to replace a secret. */
export const rotation = z.strictObject({
  secret: secret.optional(),
  oldValidFor: duration.optional().openapi({
    description: "How long messages are signed with the secrets before as well, at most 24h",
    default: "24h",
  }),
});

/** An endpoint. */
export const webhookSchema = z.object({
  id: z.string(),
  url: z.string().openapi({ description: "For viewers without the values of its query" }),
  description: z.string(),
  enabled: z.boolean(),
  disabledBecause: z.string().nullable().openapi({ description: "Why it was disabled by itself" }),
  events,
  types: z.array(z.string()),
  queues: z.array(z.string()),
  tags: z.array(z.string()),
  headers: z.record(z.string(), z.string()).openapi({ description: "Their values are masked" }),
  secrets: z.array(z.object({ since: isoTime, until: isoTime.nullable() })).openapi({
    description: "From when and until when each secret is good, the present one first",
  }),
  failures: z.number().openapi({ description: "Attempts that failed since the last that arrived" }),
  lastSuccessAt: isoTime.nullable().openapi({ description: "To the minute" }),
  lastFailureAt: isoTime.nullable(),
  lastError: z.string().nullable(),
  hangsSince: isoTime.nullable().openapi({ description: "Since when it has answered nothing within 30 s" }),
  restsUntil: isoTime.nullable().openapi({ description: "Until when nothing is sent to it, since it hangs" }),
  gap: z.object({ from: isoTime, until: isoTime }).nullable().openapi({
    description: "The last time of which it may not have been told all: no process ran for long",
  }),
  createdAt: isoTime,
  createdBy: z.string().nullable(),
  updatedAt: isoTime,
}).openapi("Webhook");

/** An endpoint and its secret, which is shown this once. */
export const webhookWithSecret = webhookSchema.extend({ secret }).openapi("WebhookWithSecret");

/** Which endpoints a list shows. */
export const webhookListQuery = z.strictObject({ limit: limit.optional(), cursor: cursor.optional() });

const status = z.enum(JOB_STATUSES);

/** Which deliveries a list shows. */
export const deliveryListQuery = z.strictObject({
  status: z.union([status, z.array(status)]).optional(),
  limit: limit.optional(),
  cursor: cursor.optional(),
});

/** A delivery. */
export const deliverySchema = z.object({
  id: z.string().openapi({ description: "The job that delivers it" }),
  eventId: z.string().openapi({ description: "`webhook-id`: the same for every attempt and repeat" }),
  event: z.string().openapi({ example: "job.completed" }),
  jobId: z.string().openapi({ description: "The job it tells of" }),
  status,
  attempt: z.number(),
  maxAttempts: z.number(),
  responseStatus: z.number().nullable().openapi({ description: "Of the last answer" }),
  error: z.string().nullable(),
  repeats: z.string().nullable().openapi({ description: "The delivery that it repeats" }),
  createdAt: isoTime,
  startedAt: isoTime.nullable(),
  finishedAt: isoTime.nullable(),
  nextAttemptAt: isoTime.nullable(),
}).openapi("Delivery");
