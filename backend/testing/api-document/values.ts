/** Values to ask with, made from the schemas of the document: such as fit, and such as are wrong in one place. */
import fc from "fast-check";
import type { Schema } from "../../routes/api-outline.ts";

/** What fields of these names hold if all is well; of others some short text. */
const SAMPLES: Readonly<Record<string, readonly string[]>> = {
  expression: ["0 3 * * *", "@daily", "H * * * *"],
  timezone: ["Europe/Paris", "UTC"],
  url: ["https://example.com/hooks"],
  id: ["waiting", "failed", "webhook", "none"],
  name: ["default", "nightly", "reports/x"],
  type: ["a", "email:welcome"],
  token: ["admin-token"],
  wait: ["0", "20ms"],
  limit: ["1", "200"],
  count: ["1", "100"],
  events: ["job.failed"],
};

const TEXTS = ["a", "default", "é", "5s"];

/** Texts that somebody will send. */
export const NASTY_TEXTS: readonly string[] = [
  "",
  " ",
  "a".repeat(300),
  "x".repeat(70_000),
  "\0",
  "a\r\nX-Injected: 1",
  "\u200b\u202e",
  "\ud800",
  "💩".repeat(50),
  "..",
  "../../etc/passwd",
  "..%2f..%2f",
  "%00",
  "__proto__",
  "constructor",
  "stats",
  "export",
  "-1",
  "1e999",
  "NaN",
  "true",
  "null",
  "99999d",
  "9999-12-31T23:59:59Z",
  "2030-02-30T00:00:00Z",
  "<script>alert(1)</script>",
  "=1+1",
  "http://169.254.169.254/",
];

const NESTED = 10_000;

/** JSON that somebody will send, as text: some of it can be written in no other way. */
const NASTY_JSON: readonly string[] = [
  ...NASTY_TEXTS.map((text) => JSON.stringify(text)),
  ...["null", "true", "0", "-1", "1.5", "1e308", "1e999", "9007199254740993", "[]", "{}", "[[]]", "[null]"],
  '{"__proto__":{"admin":true}}',
  '{"toString":1,"constructor":{"prototype":1}}',
  "[".repeat(NESTED) + "]".repeat(NESTED),
  '{"a":'.repeat(NESTED) + "1" + "}".repeat(NESTED),
  JSON.stringify(Array(2000).fill(0)),
];

/** Bodies that are no JSON. */
const NO_JSON: readonly string[] = ["", "{", "'a'", "\ufeff{}", "a=1", '{"a":1}}', "\0", "[".repeat(NESTED)];

const nastyJson = fc.constantFrom(...NASTY_JSON);

/** Every schema of the document by the name that references end with. */
export type Schemas = Readonly<Record<string, Schema>>;

/** Makes bodies, as text, for what the document calls `schemas`. */
export class Values {
  readonly #schemas: Schemas;

  constructor(schemas: Schemas) {
    this.#schemas = schemas;
  }

  /** Bodies for `schema`: good ones, such as are wrong in one place, and such as are nothing at all. */
  bodies(schema: Schema): fc.Arbitrary<string> {
    return fc.oneof(
      { weight: 8, arbitrary: this.good(schema) },
      { weight: 8, arbitrary: this.spoiled(schema) },
      { weight: 1, arbitrary: nastyJson },
      { weight: 1, arbitrary: fc.constantFrom(...NO_JSON) },
    );
  }

  /** JSON that fits `schema`. */
  good(schema: Schema, name = ""): fc.Arbitrary<string> {
    const known = this.#resolve(schema);
    const { anyOf, items } = known;
    if (known.const !== undefined) return fc.constant(JSON.stringify(known.const));
    if (known.enum !== undefined) return fc.constantFrom(...known.enum.map((value) => JSON.stringify(value)));
    if (anyOf !== undefined) return fc.oneof(...anyOf.map((branch) => this.good(branch, name)));
    switch ([known.type ?? "any"].flat()[0]) {
      case "string":
        return fc.constantFrom(...textsFor(name, known).map((text) => JSON.stringify(text)));
      case "number":
      case "integer":
        return fc.constantFrom("1", "2", "10");
      case "boolean":
        return fc.constantFrom("true", "false");
      case "array":
        return fc.array(this.good(items ?? {}, name), { maxLength: 3 }).map((texts) =>
          `[${texts.join(",")}]`
        );
      case "object":
        return this.#fields(known, null);
      default:
        return fc.constantFrom("null", "1", '{"user":{"id":17},"password":"p"}', '"text"', "[1,2]");
    }
  }

  /** JSON that fits `schema` but for one place: a field of the wrong kind, missing, unknown, or out of all bounds. */
  spoiled(schema: Schema, name = ""): fc.Arbitrary<string> {
    const { anyOf, properties = {}, items } = this.#resolve(schema);
    if (anyOf !== undefined) return fc.oneof(nastyJson, ...anyOf.map((branch) => this.spoiled(branch, name)));
    if (items !== undefined) return fc.oneof(nastyJson, this.spoiled(items, name).map((text) => `[${text}]`));
    const fields = Object.keys(properties);
    if (fields.length === 0) return nastyJson;
    return fc.constantFrom(...fields, null).chain((field) =>
      this.#fields(this.#resolve(schema), field ?? "")
    );
  }

  /** An object: all that is required and some of the rest, with the field `wrong` spoiled; "": with one that is unknown. */
  #fields({ properties = {}, required = [] }: Schema, wrong: string | null): fc.Arbitrary<string> {
    const fields = Object.entries(properties).map(([name, schema]) => {
      const text = name === wrong ? fc.oneof(this.spoiled(schema, name), nastyJson) : this.good(schema, name);
      const given = text.map((value) => `${JSON.stringify(name)}:${value}`);
      if (name === wrong) return fc.option(given, { freq: 8 });
      return required.includes(name) ? given : fc.option(given, { freq: 1 });
    });
    const extra = wrong === ""
      ? fc.constantFrom(...NASTY_TEXTS).map((name) => `${JSON.stringify(name)}:1`)
      : fc.constant(null);
    return fc.tuple(...fields, extra).map((parts) => `{${parts.filter((part) => part !== null).join(",")}}`);
  }

  #resolve(schema: Schema): Schema {
    return schema.$ref === undefined ? schema : this.#schemas[schema.$ref.replace(/.*\//, "")] ?? {};
  }
}

/** Texts that a field or parameter called `name` may well hold. */
export function textsFor(name: string, { format }: Schema): readonly string[] {
  return format === "date-time" ? ["2030-01-31T09:00:00Z"] : SAMPLES[name] ?? TEXTS;
}
