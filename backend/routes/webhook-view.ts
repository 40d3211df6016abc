import type { z } from "@hono/zod-openapi";
import { MASK, type Redactor } from "../lib/redact.ts";
import type { Delivery } from "../lib/webhook/deliveries.ts";
import type { Webhook } from "../lib/webhook/info.ts";
import type { WebhookFields } from "../lib/webhooks.ts";
import type { Role } from "./middleware/auth.ts";
import { iso } from "./schemas.ts";
import type { deliverySchema, webhookSchema } from "./webhook-schemas.ts";

/** An endpoint as answers show it: times in ISO 8601, secrets masked. */
export type WebhookView = z.infer<typeof webhookSchema>;

/** A delivery as answers show it. */
export type DeliveryView = z.infer<typeof deliverySchema>;

/** Returns `webhook` as answers to `role` show it. */
export function viewWebhook(webhook: Webhook, redactor: Redactor, role: Role): WebhookView {
  return {
    id: webhook.id,
    ...viewFields(webhook),
    url: role === "admin" ? webhook.url : shownUrl(webhook.url),
    disabledBecause: webhook.disabledBecause,
    failures: webhook.failures,
    lastSuccessAt: iso(webhook.lastSuccessAt),
    lastFailureAt: iso(webhook.lastFailureAt),
    lastError: webhook.lastError && redactor.text(webhook.lastError),
    hangsSince: iso(webhook.hangsSince),
    restsUntil: iso(webhook.restsUntil),
    gap: webhook.gap && { from: iso(webhook.gap.from), until: iso(webhook.gap.until) },
    createdAt: iso(webhook.createdAt),
    createdBy: webhook.createdBy,
    updatedAt: iso(webhook.updatedAt),
  };
}

/** What of an endpoint people change, as the audit log keeps it, which viewers read. */
export function viewFields(webhook: WebhookFields) {
  return {
    url: shownUrl(webhook.url),
    description: webhook.description,
    enabled: webhook.enabled,
    events: [...webhook.events],
    types: [...webhook.types],
    queues: [...webhook.queues],
    tags: [...webhook.tags],
    headers: Object.fromEntries(webhook.headerNames.map((name) => [name, MASK])),
    secrets: webhook.secrets.map(({ since, until }) => ({ since: iso(since), until: iso(until) })),
  };
}

/** Returns `delivery` as answers show it. */
export function viewDelivery(delivery: Delivery, redactor: Redactor): DeliveryView {
  return {
    ...delivery,
    error: delivery.error && redactor.text(delivery.error),
    createdAt: iso(delivery.createdAt),
    startedAt: iso(delivery.startedAt),
    finishedAt: iso(delivery.finishedAt),
    nextAttemptAt: iso(delivery.nextAttemptAt),
  };
}

/** `url` without what its query holds, which may be a key. */
function shownUrl(url: string): string {
  const { origin, pathname, search } = new URL(url);
  return origin + pathname + (search === "" ? "" : `?${MASK}`);
}
