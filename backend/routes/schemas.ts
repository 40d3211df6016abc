/** What the schemas of several routes are made of. */
import { createRoute, type RouteConfig, z } from "@hono/zod-openapi";
import { isInputError } from "../lib/errors.ts";
import { parseDuration } from "../lib/duration.ts";
import { refusals, type RefusalStatus } from "./api-answers.ts";
import { allow, type Role } from "./middleware/auth.ts";

/** `"24h"`, `"30s"` or milliseconds. */
export const duration = z.union([z.number(), z.string()]).transform((value, context) => {
  try {
    return parseDuration(value);
  } catch (error) {
    context.issues.push({ code: "custom", input: value, message: messageOf(error) });
    return z.NEVER;
  }
}).openapi({
  example: "30s",
  description: 'Like "24h" or "30s", or milliseconds',
});

function messageOf(error: unknown): string {
  return isInputError(error) ? error.issues[0]?.message ?? error.message : "must be a duration";
}

/** An ISO 8601 time with its offset, read as epoch milliseconds. */
export const time = z.iso.datetime({
  offset: true,
  error: 'must be a time like "2030-01-31T09:00:00Z", with its offset from UTC',
}).transform((text) => Date.parse(text));

/** A time in an answer. */
export const isoTime = z.string().openapi({ format: "date-time" });

/** How many entries a page has; the queue says which numbers it takes. */
export const limit = z.string()
  .regex(/^\d{1,4}$/, "must be a whole number from 1 to 200").transform(Number)
  .openapi({ type: "integer", minimum: 1, maximum: 200, default: 50 });

/** Where a page goes on: the `nextCursor` of the one before. */
export const cursor = z.string().openapi({ description: "The nextCursor of the page before" });

/** An option that is on or off. */
export const flag = z.enum(["true", "false"]).transform((text) => text === "true")
  .openapi({ type: "boolean", default: false });

/** The id in a path. */
export const idParam = z.object({ id: z.string().openapi({ param: { name: "id", in: "path" } }) });

/** The name in a path. */
export const nameParam = z.object({ name: z.string().openapi({ param: { name: "name", in: "path" } }) });

/** Body and query of routes that take none: a field of any name is refused. */
export const nothing = z.strictObject({});

/** At most `most` of what `item` allows. How many there are is looked at before any of them is. */
export function listOf<T extends z.ZodType>(item: T, most: number) {
  const count = z.transform((value: unknown, context) => {
    if (!Array.isArray(value) || value.length <= most) return value;
    context.issues.push({ code: "too_big", origin: "array", maximum: most, inclusive: true, input: value });
    return z.NEVER;
  });
  const list: unknown = count.pipe(z.array(item).max(most));
  return list as z.ZodPipe<z.ZodArray<T>, z.ZodArray<T>>; // or callers could send lists of anything
}

/** A JSON body. */
export function body<T extends z.ZodType>(schema: T, required = true) {
  return { required, content: { "application/json": { schema } } };
}

/** A JSON answer. */
export function answer<T extends z.ZodType>(description: string, schema: T) {
  return { description, content: { "application/json": { schema } } };
}

/** Epoch milliseconds as ISO 8601. */
export function iso(time: number): string;
export function iso(time: number | null): string | null;
export function iso(time: number | null): string | null {
  if (time === null) return null;
  if (time !== last.time) last = { time, text: new Date(time).toISOString() };
  return last.text;
}

/** What `iso` wrote last: a job's times are often the same. */
let last = { time: NaN, text: "" };

/**
 * A route for `roles`, and for admins. What it may refuse is documented by what it has: roles, parameters, a body.
 *
 * @param why What else it refuses, or says of a refusal more than others, by status.
 */
export function route<P extends string, R extends Omit<RouteConfig, "path"> & { path: P }>(
  roles: readonly Role[],
  config: R,
  why: Partial<Record<RefusalStatus, string>> = {},
) {
  const isForAll = roles.includes("viewer") && roles.includes("producer");
  const statuses: RefusalStatus[] = [
    400,
    401,
    ...(isForAll && config.method === "get" ? [] : [403 as const]),
    ...(config.request?.params === undefined ? [] : [404 as const]),
    ...(config.method === "get" ? [] : [408 as const, 413 as const, 415 as const]),
    429,
    500,
    503,
    ...Object.keys(why).map(Number) as RefusalStatus[],
  ];
  const who = ["admin", ...roles];
  const documented: R = {
    ...config,
    description: [config.description, `For: ${who.join(", ")}.`].filter((part) => part !== undefined).join(
      " ",
    ),
    "x-roles": who,
    responses: { ...config.responses, ...refusals(statuses, why) },
  };
  return createRoute({ ...documented, middleware: allow(roles) });
}

/** A route that asks for no role. Which `statuses` it refuses with it says itself. */
export function openRoute<P extends string, R extends Omit<RouteConfig, "path"> & { path: P }>(
  statuses: readonly RefusalStatus[],
  config: R,
) {
  const responses = { ...config.responses, ...refusals(statuses) };
  const documented: R = { ...config, security: config.security ?? [], responses };
  return createRoute(documented);
}
