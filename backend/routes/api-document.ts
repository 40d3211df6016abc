import type { OpenAPIHono } from "@hono/zod-openapi";
import { registerRefusals } from "./api-answers.ts";
import { EVENT_DATA, EVENTS } from "./event-schemas.ts";
import type { ApiEnv } from "./middleware/auth.ts";

/** A document as OpenAPI 3.1 defines it. */
export type ApiDocument = ReturnType<OpenAPIHono["getOpenAPI31Document"]>;

const DESCRIPTION = `Background jobs: add them, watch them, steer them.

Times are ISO 8601, durations "24h", "30s" or milliseconds. Lists have \`limit\` and \`cursor\`. Every error is a
\`Problem\` with a stable \`code\`. A path answers other methods than its own with 405, and OPTIONS with those it has.
Every answer has an \`X-Request-Id\`, by which the logs name the request. An app that mounts the API may let callers in
by other means than a token or a session.`;

/** What routes are about, in the order in which readers want to know; by the part of their path that says so. */
const TAGS: readonly (readonly [name: string, description: string])[] = [
  ["jobs", "What is to be done, is being done and was done"],
  ["views", "Filters of the list of jobs that people have saved"],
  ["schedules", "Jobs that are added again and again"],
  ["cron", "What a schedule's expression means"],
  ["queues", "In which jobs wait, and can be made to"],
  ["workers", "The processes that run jobs"],
  ["stats", "How it went over time"],
  ["errors", "What makes jobs fail"],
  ["events", "What happens, as it happens"],
  ["webhooks", "Who else is told what happens"],
  ["audit", "Who changed what"],
  ["session", "Signing in with a browser"],
  ["metrics", "For Prometheus"],
  ["health", "For load balancers; open to all"],
  ["document", "This document"],
];

/** Describes every route of `api`. What a route does not say itself (id, tag, summary) follows from its path. */
export function describeApi(api: OpenAPIHono<ApiEnv>, version: string): ApiDocument {
  const { openAPIRegistry: registry } = api;
  registerRefusals(registry);
  for (const [name, schema] of Object.entries(EVENT_DATA)) registry.register(name, schema);
  registry.registerComponent("securitySchemes", "bearer", {
    type: "http",
    scheme: "bearer",
    description: "ADMIN_TOKEN, VIEWER_TOKEN or ENQUEUE_TOKEN of the service",
  });
  registry.registerComponent("securitySchemes", "cookie", {
    type: "apiKey",
    in: "cookie",
    name: "cronosaur",
    description: "Of somebody who has signed in. By HTTPS it is called __Secure-cronosaur",
  });
  const document = api.getOpenAPI31Document({
    openapi: "3.1.0",
    info: {
      title: "Cronosaur",
      version,
      description: DESCRIPTION,
      license: { name: "MIT" },
    },
    security: [{ bearer: [] }, { cookie: [] }],
  });
  const used = new Set<string>();
  for (const [path, item] of Object.entries(document.paths ?? {})) {
    for (const [method, operation] of operationsOf(item)) {
      const tag = tagOf(path);
      used.add(tag);
      operation.tags ??= [tag];
      operation.operationId ??= idOf(method, path);
      operation.summary ??= summaryOf(operation);
      if (tag === "events") operation["x-events"] = eventsByName();
    }
  }
  const known = TAGS.filter(([name]) => used.has(name)).map(([name, description]) => ({ name, description }));
  const others = [...used].filter((name) => !TAGS.some(([known]) => known === name));
  const tags = [...known, ...others.map((name) => ({ name }))];
  const order = tags.map(({ name }) => name);
  const paths = Object.entries(document.paths ?? {}).sort(([a], [b]) => {
    return order.indexOf(tagOf(a)) - order.indexOf(tagOf(b)) || (a < b ? -1 : 1);
  });
  return { ...document, tags, paths: Object.fromEntries(paths) };
}

type Paths = NonNullable<ApiDocument["paths"]>;

/** One method of a path. */
export type Operation = NonNullable<Paths[string]["get"]>;

const METHODS = ["get", "post", "put", "patch", "delete"] as const;

/** The operations of a path, by method. */
export function operationsOf(item: Paths[string]): [method: string, Operation][] {
  return METHODS.flatMap((method): [string, Operation][] => {
    const operation = item[method];
    return operation === undefined ? [] : [[method, operation]];
  });
}

/** `jobs` of `/api/admin/jobs/{id}`, `health` of `/health/live`. */
function tagOf(path: string): string {
  const [, name = ""] = /^(?:\/api\/admin)?\/([^/]+)/.exec(path) ?? [];
  return ["openapi.json", "docs"].includes(name) ? "document" : name;
}

/** `postJobsByIdRetry` of `POST /api/admin/jobs/{id}/retry`. */
function idOf(method: string, path: string): string {
  const words = path.replace(/^\/api\/admin\//, "").replaceAll("{", "by-").split(/[^a-z]+/i);
  return method + words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("");
}

/** What the operation answers when all goes well. */
function summaryOf({ responses = {} }: Operation): string {
  const [status] = Object.keys(responses);
  return status === undefined ? "" : String(responses[status]?.description ?? "");
}

/** OpenAPI has no words for the events of a stream: their data's schemas by name. */
function eventsByName() {
  const entries = Object.entries(EVENTS);
  return Object.fromEntries(
    entries.map(([event, name]) => [event, { $ref: `#/components/schemas/${name}` }]),
  );
}
