import type { InferRequestType } from "hono/client";
import { type Api, ApiError } from "./api.ts";
import { EVENTS, type Webhook } from "./webhooks.ts";

type NewWebhook = InferRequestType<Api["webhooks"]["$post"]>["json"];
export type WebhookChanges = Partial<Omit<NewWebhook, "secret">>;

/** The fields of the form, as they are typed. */
export interface WebhookFields {
  url: string;
  description: string;
  events: Webhook["events"];
  /** Names with commas between them, as the next two. */
  types: string;
  queues: string;
  tags: string;
  /** A header a line: `X-Team: mail`. */
  headers: string;
}

/** What is wrong, by field; "form": with all of it. */
export type WebhookFaults = Partial<Record<keyof WebhookFields | "form", string>>;

/** The form of an endpoint; of a new one, if there is none. */
export function fieldsOf(webhook: Webhook | null): WebhookFields {
  const { url = "", description = "", types = [], queues = [], tags = [], headers = {} } = webhook ?? {};
  return {
    url,
    description,
    events: webhook?.events ?? ["job.completed", "job.failed", "job.cancelled"],
    types: types.join(", "),
    queues: queues.join(", "),
    tags: tags.join(", "),
    headers: Object.entries(headers).map(([name, value]) => `${name}: ${value}`).join("\n"),
  };
}

/** What a form was filled with. */
export function fieldsIn(form: FormData): WebhookFields {
  const text = (name: string) => String(form.get(name) ?? "");
  return {
    url: text("url"),
    description: text("description"),
    events: EVENTS.filter((event) => form.getAll("events").includes(event)),
    types: text("types"),
    queues: text("queues"),
    tags: text("tags"),
    headers: text("headers"),
  };
}

/** What the fields stand for; what is wrong with the rest, the service says. @throws {HeaderLineError} A line is none. */
export function webhookOf(fields: WebhookFields): WebhookChanges & { url: string } {
  return {
    url: fields.url.trim(),
    description: fields.description.trim(),
    events: fields.events,
    types: namesIn(fields.types),
    queues: namesIn(fields.queues),
    tags: namesIn(fields.tags),
    headers: headersIn(fields.headers),
  };
}

/** The part of `next` that is not as in `before`; null: nothing. */
export function changesTo(before: WebhookFields, next: WebhookFields): WebhookChanges | null {
  const names = (Object.keys(next) as (keyof WebhookFields)[])
    .filter((name) => String(next[name]) !== String(before[name]));
  const all = webhookOf(next);
  return names.length === 0 ? null : Object.fromEntries(names.map((name) => [name, all[name]]));
}

/** Where a line of headers is wrong. */
export class HeaderLineError extends Error {}

/** What is wrong, at the fields it is about; null if it is something else. */
export function faultsIn(error: unknown): WebhookFaults | null {
  if (error instanceof HeaderLineError) return { headers: error.message };
  if (!(error instanceof ApiError) || error.problem.errors === undefined) return null;
  const faults: WebhookFaults = {};
  for (const { path, message } of error.problem.errors) {
    const [name = "", ...rest] = path.split(/[.[\]]+/).filter((part) => part !== "");
    const field = isField(name) ? name : "form";
    const where = field === "form" ? path : rest.join(".");
    const words = /^\d+$/.test(where)
      ? `number ${Number(where) + 1} ${message}`
      : `${where} ${message}`.trim();
    faults[field] = faults[field] === undefined ? words : `${faults[field]}; ${words}`;
  }
  return faults;
}

function isField(name: string): name is keyof WebhookFields {
  return ["url", "description", "events", "types", "queues", "tags", "headers"].includes(name);
}

function namesIn(text: string): string[] {
  return text.split(",").map((name) => name.trim()).filter((name) => name !== "");
}

function headersIn(text: string): Record<string, string> {
  const lines = text.split("\n").map((line) => line.trim()).filter((line) => line !== "");
  return Object.fromEntries(lines.map((line) => {
    const [, name, value] = /^([^:\s]+)\s*:\s*(.*)$/.exec(line) ?? [];
    if (name === undefined || value === undefined) {
      throw new HeaderLineError(`must be a name, a colon and a value on each line, found "${line}"`);
    }
    return [name, value];
  }));
}
