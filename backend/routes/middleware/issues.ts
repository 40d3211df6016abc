import type { z } from "@hono/zod-openapi";
import { describe } from "../../lib/check.ts";
import type { InputIssue } from "../../lib/errors.ts";
import { pathOf } from "../../lib/json.ts";
import { MAX_ERRORS, refusal } from "./problem.ts";

type Issue = z.core.$ZodIssue;

/** What a schema said of one part of a request. */
interface Validation {
  success: boolean;
  error?: { issues: Issue[] };
  /** The input as it came. */
  data?: unknown;
}

/** Refuses a request that does not fit its route's schemas, with every wrong field by name. */
export function refuseMisfits({ success, error, data }: Validation): void {
  if (success || error === undefined) return;
  throw refusal(error.issues.slice(0, MAX_ERRORS).flatMap((issue) => explain(issue, data)));
}

/** Says in our words what is wrong: what is allowed, and what was found. */
function explain(issue: Issue, input: unknown, base: PropertyKey[] = []): InputIssue[] {
  const keys = [...base, ...issue.path];
  if (issue.code === "unrecognized_keys") {
    return issue.keys.slice(0, MAX_ERRORS).map((key) => {
      return { path: written([...keys, key]), message: "is not a known field" };
    });
  }
  if (issue.code === "invalid_union") {
    return closestBranch(issue.errors).flatMap((inner) => explain(inner, input, keys));
  }
  const found = valueAt(input, keys);
  return [{ path: written(keys) || "body", message: messageOf(issue, found) }];
}

/** The alternative the caller meant: the one that goes wrong deepest inside, or at least is of the right kind. */
function closestBranch(branches: Issue[][]): Issue[] {
  const closeness = (issues: Issue[]) => {
    const depth = Math.max(...issues.map(({ path }) => path.length));
    return depth > 0 ? depth : issues.some(({ code }) => code === "invalid_type") ? -1 : 0;
  };
  return branches.toSorted((a, b) => closeness(b) - closeness(a))[0] ?? [];
}

function messageOf(issue: Issue, found: unknown): string {
  switch (issue.code) {
    case "invalid_type":
      return `must be ${kindOf(issue.expected)}, found ${found === undefined ? "nothing" : describe(found)}`;
    case "invalid_value":
      return `must be ${issue.values.map((value) => describe(value)).join(" or ")}, found ${describe(found)}`;
    case "too_big":
      return `must have at most ${issue.maximum} items, found ${
        Array.isArray(found) ? found.length : "more"
      }`;
    case "invalid_format":
      return `${issue.message}, found ${describe(found)}`;
    default:
      return issue.message;
  }
}

function kindOf(expected: string): string {
  const kind = expected === "int" ? "integer" : expected;
  return `${/^[aeiou]/.test(kind) ? "an" : "a"} ${kind}`;
}

function valueAt(input: unknown, keys: readonly PropertyKey[]): unknown {
  let value = input;
  for (const key of keys) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<PropertyKey, unknown>)[key];
  }
  return value;
}

/** The first key stands as the caller wrote it: it may be the name of a query parameter. */
function written([first, ...rest]: readonly PropertyKey[]): string {
  const path = pathOf(rest.map((key) => typeof key === "symbol" ? String(key) : key));
  const whole = (typeof first === "string" ? first : first === undefined ? "" : `[${String(first)}]`) + path;
  return whole.length > 200 ? `${whole.slice(0, 200)}…` : whole;
}
