/** Requests to one operation of the document, by anybody. */
import fc from "fast-check";
import type { Operation } from "../../routes/api-document.ts";
import type { Schema } from "../../routes/api-outline.ts";
import type { Role } from "../../routes/middleware/auth.ts";
import { NASTY_TEXTS, type Schemas, textsFor, Values } from "./values.ts";

/** What is sent. */
export interface FuzzRequest {
  method: string;
  /** As it stands in the request line. */
  path: string;
  role: Role | null;
  headers: Readonly<Record<string, string>>;
  body?: string;
}

/** One method of one path. */
export interface Route {
  method: string;
  path: string;
  operation: Operation;
}

const ROLES = ["admin", "admin", "admin", "viewer", "producer", null] as const;

const CONTENT_TYPES = [
  "text/plain",
  "application/xml",
  "application/json; charset=latin1",
  "json",
  "a/b\u00e9",
];

/** Pieces of a path or a query that are written as no client would. */
const RAW = [
  "..",
  ".",
  "%2e%2e",
  "..%2f",
  "%2F",
  "%00",
  "%zz",
  "a%0d%0aX-Injected:%201",
  ";a=1",
  "%F0%9F",
  "&&",
  "+",
];

/** Names of parameters that nobody documents. */
const UNKNOWN = [
  "x",
  "__proto__",
  "data",
  "data.",
  "data.a",
  "data.__proto__.a",
  "data.\0",
  `data.${"a.".repeat(300)}`,
];

/** Requests to `route`. */
export function requestsTo(route: Route, schemas: Schemas): fc.Arbitrary<FuzzRequest> {
  const { method, path, operation } = route;
  const parameters = (operation.parameters ?? []).flatMap((parameter) =>
    "name" in parameter ? [parameter] : []
  );
  const of = (where: string) => parameters.filter((parameter) => parameter.in === where);
  return fc.record({
    method: fc.constant(method),
    path: fc.tuple(
      fc.tuple(...of("path").map(({ name }) => fc.tuple(fc.constant(name), segments(name)))),
      queries(of("query").map(({ name, schema = {} }) => ({ name, schema }))),
    ).map(([segments, query]) => {
      const filled = segments.reduce((made, [name, value]) => made.replace(`{${name}}`, () => value), path);
      return filled + (query === "" ? "" : `?${query}`);
    }),
    role: fc.constantFrom(...ROLES),
    headers: headersFor(of("header").map(({ name }) => name)),
    body: method === "GET" ? fc.constant(undefined) : bodies(operation, schemas),
  });
}

/** What may stand in place of a parameter of the path. */
function segments(name: string): fc.Arbitrary<string> {
  const good = textsFor(name, {}).map((text) => encodeURIComponent(text));
  const nasty = NASTY_TEXTS.filter((text) => text.length < 10_000).map(encoded);
  return fc.oneof({ weight: 8, arbitrary: fc.constantFrom(...good) }, {
    weight: 2,
    arbitrary: fc.constantFrom(...RAW, ...nasty),
  });
}

function queries(parameters: readonly { name: string; schema: Schema }[]): fc.Arbitrary<string> {
  const known = parameters.map(({ name, schema }) => {
    const own = name.replace("<path>", "user.id");
    const good = schema.enum?.map(String) ?? schema.anyOf?.[0]?.enum?.map(String) ?? textsFor(own, schema);
    const text = fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...good) }, nasty());
    return text.map((value) => `${encoded(own)}=${encoded(value)}`);
  });
  const unknown = fc.tuple(fc.constantFrom(...UNKNOWN), nasty())
    .map(([name, value]) => `${encoded(name)}=${encoded(value)}`);
  const raw = fc.constantFrom(...RAW).map((text) => `type=${text}&${text}=1`);
  return fc.oneof(
    { weight: 10, arbitrary: fc.constant([]) },
    ...(known.length === 0 ? [] : [{ weight: 8, arbitrary: fc.array(fc.oneof(...known), { maxLength: 4 }) }]),
    { weight: 1, arbitrary: fc.tuple(unknown) },
    { weight: 1, arbitrary: fc.tuple(raw) },
  ).map((parts) => parts.join("&"));
}

function nasty() {
  return fc.constantFrom(...NASTY_TEXTS);
}

function headersFor(names: readonly string[]): fc.Arbitrary<Record<string, string>> {
  const own = Object.fromEntries(names.map((name) => [name, fc.oneof(fc.constant("key"), nasty())]));
  return fc.record({
    "Content-Type": fc.oneof(
      { weight: 12, arbitrary: fc.constant("application/json") },
      fc.constantFrom(...CONTENT_TYPES),
    ),
    "X-Request-Id": nasty(),
    Cookie: fc.constantFrom("cronosaur=guess", "__Secure-cronosaur=; a=b", "=;;="),
    Origin: fc.constantFrom("http://localhost", "https://evil.example", "null"),
    ...own,
  }, { requiredKeys: ["Content-Type"] }).map((headers) => {
    const entries = Object.entries(headers).flatMap(([name, value]): [string, string][] => {
      return typeof value === "string" && canSend(name, value) ? [[name, value]] : [];
    });
    return Object.fromEntries(entries);
  });
}

/** False for what no client can put into a header. */
function canSend(name: string, value: string): boolean {
  try {
    return new Headers([[name, value]]).has(name) && value.length < 10_000;
  } catch {
    return false;
  }
}

function bodies({ requestBody }: Operation, schemas: Schemas): fc.Arbitrary<string | undefined> {
  const schema = requestBody !== undefined && "content" in requestBody
    ? requestBody.content["application/json"]?.schema
    : undefined;
  const values = new Values(schemas);
  return fc.oneof(
    { weight: schema === undefined ? 4 : 1, arbitrary: fc.constant(undefined) },
    { weight: schema === undefined ? 1 : 12, arbitrary: values.bodies(schema ?? {}) },
  );
}

/** Percent-encoded; half a surrogate pair becomes a replacement character, as browsers do it. */
function encoded(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}
