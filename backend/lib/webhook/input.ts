import { refusalOf } from "../address.ts";
import { checkFields, checkName, checkOneOf, describe } from "../check.ts";
import { type InputIssue, InputRangeError, InputTypeError, isInputError } from "../errors.ts";
import { parseHttpUrl } from "../http-url.ts";
import { checkQueueName, checkType } from "../options.ts";
import { type Endpoint, WEBHOOK_EVENTS, type WebhookEvent } from "./endpoint.ts";
import { checkHeaders } from "./headers.ts";
import { checkStandardSecret } from "./secret.ts";

/** What people say of an endpoint. */
export interface EndpointInput {
  /** `http:` or `https:`, without user name and password. */
  url: string;
  /** At most 500 characters. @default "" */
  description?: string;
  /** @default true */
  enabled?: boolean;
  /** @default job.completed, job.failed and job.cancelled */
  events?: readonly WebhookEvent[];
  /** At most 20 types or families. @default all */
  types?: readonly string[];
  /** At most 20. @default all */
  queues?: readonly string[];
  /** At most 20, of which a job must have one. @default jobs with any tags or none */
  tags?: readonly string[];
  /** Sent along. @default none */
  headers?: Readonly<Record<string, string>>;
}

/** An endpoint to make. */
export interface NewEndpoint extends EndpointInput {
  /** `whsec_` and the base64 of 24 to 64 bytes. @default one of 32 random bytes */
  secret?: string;
}

/** The part of an endpoint that people change. */
export type EndpointFields = Pick<Endpoint, keyof EndpointInput>;

/** What of the above is checked besides shape. */
export interface EndpointRules {
  /** Lets events go to loopback, private and all other special addresses. */
  allowPrivateUrls: boolean;
}

const DEFAULTS: Omit<EndpointFields, "url"> = {
  description: "",
  enabled: true,
  events: ["job.completed", "job.failed", "job.cancelled"],
  types: [],
  queues: [],
  tags: [],
  headers: {},
};

const FIELDS: ReadonlySet<keyof EndpointInput> = new Set([
  "url",
  "description",
  "enabled",
  "events",
  "types",
  "queues",
  "tags",
  "headers",
]);
const NEW_FIELDS: ReadonlySet<keyof NewEndpoint> = new Set([...FIELDS, "secret"]);

/** The most types, queues or tags of one endpoint. */
const MOST_NAMES = 20;
const LONGEST_DESCRIPTION = 500;

/** How each field is checked. Returns what is stored. */
const CHECKS: {
  [K in keyof EndpointInput]-?: (value: unknown, path: string, rules: EndpointRules) => EndpointFields[K];
} = {
  url: checkUrl,
  description: checkDescription,
  enabled: checkBoolean,
  events: (value, path) => {
    const events = checkList(
      value,
      path,
      WEBHOOK_EVENTS.length,
      (item, at) => checkOneOf(item, at, WEBHOOK_EVENTS),
    );
    if (events.length === 0) throw new InputRangeError(path, "must hold at least one event, found none");
    return events;
  },
  types: (value, path) => checkList(value, path, MOST_NAMES, checkType),
  queues: (value, path) => checkList(value, path, MOST_NAMES, checkQueueName),
  tags: (value, path) => checkList(value, path, MOST_NAMES, (tag, at) => checkName(tag, at, 64)),
  headers: checkHeaderFields,
};

/**
 * Checks an endpoint to make. @returns It as it is to be stored.
 *
 * @throws {InputTypeError | InputRangeError} Fields are wrong: `issues` names each of them.
 */
export function checkNewEndpoint(
  value: unknown,
  rules: EndpointRules,
): { fields: EndpointFields; secret: string | null } {
  const { secret, ...given } = checkFields(value, "", NEW_FIELDS);
  const issues: InputIssue[] = [];
  if (given.url === undefined) issues.push({ path: "url", message: "must be a string, found nothing" });
  const fields = checkEach(given, rules, issues);
  if (secret !== undefined) collect(issues, () => checkSecretField(secret));
  refuse(issues);
  return { fields: { ...DEFAULTS, ...fields, url: fields.url ?? "" }, secret: secret as string ?? null };
}

/**
 * Checks changes of an endpoint. @returns What changes.
 *
 * @throws {InputTypeError | InputRangeError} Fields are wrong: `issues` names each of them.
 */
export function checkEndpointChanges(value: unknown, rules: EndpointRules): Partial<EndpointFields> {
  const issues: InputIssue[] = [];
  const fields = checkEach(checkFields(value, "", FIELDS), rules, issues);
  refuse(issues);
  return fields;
}

/** Returns `value` if it is a secret as Standard Webhooks has it. */
export function checkSecretField(value: unknown): string {
  if (typeof value !== "string") {
    throw new InputTypeError("secret", `must be a string, found ${describe(value)}`);
  }
  checkStandardSecret(value, "secret");
  return value;
}

function checkEach(
  given: Partial<Record<keyof EndpointInput, unknown>>,
  rules: EndpointRules,
  issues: InputIssue[],
): Partial<EndpointFields> {
  const fields: Record<string, unknown> = {};
  for (const name of FIELDS) {
    if (given[name] === undefined) continue;
    collect(issues, () => fields[name] = CHECKS[name](given[name], name, rules));
  }
  return fields;
}

/** Calls `check`; what it refuses joins `issues`. */
function collect(issues: InputIssue[], check: () => unknown): void {
  try {
    check();
  } catch (error) {
    if (!isInputError(error)) throw error;
    issues.push(...error.issues);
  }
}

function refuse([first, ...rest]: readonly InputIssue[]): void {
  if (first === undefined) return;
  const error = new InputRangeError(first.path, first.message);
  error.issues.push(...rest);
  throw error;
}

/** An address in figures is judged now, a name at each delivery: what it stands for may change. */
function checkUrl(value: unknown, path: string, { allowPrivateUrls }: EndpointRules): string {
  if (typeof value !== "string") throw new InputTypeError(path, `must be a string, found ${describe(value)}`);
  const { hostname } = parseHttpUrl(value, path);
  const address = /^[\d.]+$/.test(hostname) ? hostname : /^\[(.*)\]$/.exec(hostname)?.[1];
  const isLocal = /(^|\.)localhost\.?$/.test(hostname);
  const kind = isLocal ? "loopback" : address === undefined ? null : refusalOf(address);
  if (kind !== null && !allowPrivateUrls) {
    throw new InputRangeError(
      path,
      `must lead to a public address, found ${kind}; ALLOW_PRIVATE_URLS=true allows it`,
    );
  }
  return value;
}

function checkDescription(value: unknown, path: string): string {
  if (typeof value !== "string") throw new InputTypeError(path, `must be a string, found ${describe(value)}`);
  if (value.length > LONGEST_DESCRIPTION) {
    throw new InputRangeError(
      path,
      `must have at most ${LONGEST_DESCRIPTION} characters, found ${value.length}`,
    );
  }
  return value.toWellFormed();
}

function checkBoolean(value: unknown, path: string): boolean {
  if (typeof value === "boolean") return value;
  throw new InputTypeError(path, `must be true or false, found ${describe(value)}`);
}

function checkList<T>(
  value: unknown,
  path: string,
  most: number,
  check: (item: unknown, path: string) => T,
): readonly T[] {
  if (!Array.isArray(value)) throw new InputTypeError(path, `must be an array, found ${describe(value)}`);
  if (value.length > most) throw new InputRangeError(path, `must be at most ${most}, found ${value.length}`);
  return [...new Set(Array.from(value, (item: unknown, i) => check(item, `${path}[${i}]`)))];
}

function checkHeaderFields(value: unknown, path: string): Readonly<Record<string, string>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new InputTypeError(path, `must be an object, found ${describe(value)}`);
  }
  for (const [name, text] of Object.entries(value)) {
    if (typeof text === "string") continue;
    throw new InputTypeError(`${path}.${name}`, `must be a string, found ${describe(text)}`);
  }
  checkHeaders(value as Record<string, string>, path);
  return { ...value as Record<string, string> };
}
