/** What routes answer besides what was asked for, for the document of the API: each said once, and shared. */
import { type OpenAPIHono, z } from "@hono/zod-openapi";
import { type Problem, TITLES } from "./middleware/problem.ts";

/** The `code`s of each status and, if it is not in its name, when it comes. Callers may rely on both. */
const REFUSALS = {
  400: {
    codes: ["invalid_input", "malformed_json", "body_incomplete", "bad_host"],
    when: "`errors` names each field",
  },
  401: { codes: ["unauthorized", "sign_in_refused"], when: "Nobody known asks" },
  403: {
    codes: ["forbidden", "type_forbidden", "cross_origin"],
    when: "The role may not, or a page of another origin asks",
  },
  404: { codes: ["not_found"], when: "There is none, or the caller must not know of it" },
  405: { codes: ["method_not_allowed"], when: "`Allow` says which methods the path has" },
  408: { codes: ["body_too_slow"], when: "The body must be here within 10 s" },
  409: {
    codes: [
      "invalid_status",
      "unique_conflict",
      "id_taken",
      "schedule_exists",
      "webhook_limit",
      "too_many_views",
    ],
    when: "What is stored does not allow it",
  },
  413: { codes: ["body_too_large"], when: "The body is larger than the service allows" },
  415: {
    codes: ["unsupported_media_type"],
    when: "The body must be JSON in UTF-8, and its Content-Type say so",
  },
  429: {
    codes: ["rate_limited", "too_many_streams"],
    when: "`Retry-After` says in how many seconds to try again",
  },
  500: { codes: ["internal"], when: "The logs name the request by its id" },
  503: {
    codes: ["store_unavailable", "closed", "worker_id_in_use"],
    when: "The store cannot be used now: try again after `Retry-After` seconds",
  },
} as const;

/** A status with which something is refused. */
export type RefusalStatus = keyof typeof REFUSALS;

const problem: z.ZodType<Problem> = z.object({
  type: z.literal("about:blank"),
  title: z.string(),
  status: z.int(),
  code: z.string().openapi({ description: "Does not change between versions" }),
  detail: z.string(),
  errors: z.array(z.object({
    path: z.string().openapi({ example: "options.priority" }),
    message: z.string(),
    field: z.string().optional().openapi({ description: "The part of a cron expression" }),
    column: z.int().optional().openapi({ description: "Where it begins in the expression, counted from 0" }),
    suggestion: z.string().nullable().optional().openapi({ description: "What to write there instead" }),
  })).optional().openapi({ description: "Each refused field, 50 at the most" }),
  requestId: z.string().optional().openapi({ description: "By which the logs name the request" }),
}).openapi("Problem");

/** References to the shared answers of `statuses`. What `why` says of one stands instead of its description. */
export function refusals(
  statuses: readonly RefusalStatus[],
  why: Partial<Record<RefusalStatus, string>> = {},
) {
  return Object.fromEntries(statuses.map((status) => {
    const description = why[status];
    const $ref = `#/components/responses/${nameOf(status)}`;
    return [status, description === undefined ? { $ref } : { $ref, description }];
  }));
}

/** Puts the shared answers, and the schema of problems, into the document. */
export function registerRefusals(registry: OpenAPIHono["openAPIRegistry"]): void {
  registry.register("Problem", problem);
  for (const status of Object.keys(REFUSALS).map(Number) as RefusalStatus[]) {
    const { codes, when } = REFUSALS[status];
    const properties = { status: { const: status }, code: { enum: [...codes] } };
    const schema = {
      allOf: [{ $ref: "#/components/schemas/Problem" }, { type: "object" as const, properties }],
    };
    registry.registerComponent("responses", nameOf(status), {
      description: when,
      content: { "application/problem+json": { schema } },
      headers: headersOf(status),
    });
  }
}

function headersOf(status: RefusalStatus) {
  const header = (name: string, type: "string" | "integer") => ({ [name]: { schema: { type } } });
  if (status === 401) return header("WWW-Authenticate", "string");
  if (status === 405) return header("Allow", "string");
  return status === 429 || status === 503 ? header("Retry-After", "integer") : {};
}

function nameOf(status: RefusalStatus): string {
  return (TITLES[status] ?? String(status)).replaceAll(" ", "");
}
