import { InputRangeError } from "./errors.ts";
import { checkJson, MAX_JSON_DEPTH, pathOf } from "./json.ts";

/** What stands in answers where a secret is stored. */
export const MASK = "[redacted]";

/** Fields that hold secrets, at any depth and in any case. */
export const DEFAULT_REDACT: readonly string[] = ["password", "token", "secret", "authorization", "apiKey"];

/** Hides secrets in what leaves the process. */
export interface Redactor {
  /** The names of the fields, for searches to leave out. */
  readonly names: readonly string[];
  /** A copy of JSON `value` with every secret field's value replaced by `MASK`. null is shown: it is no secret. */
  value(value: unknown): unknown;
  /** `text` with the values of `name=value`, `name: value` and `"name":"value"` replaced by `MASK`. */
  text(text: string): string;
  /**
   * `edited` with each `MASK` in a secret field replaced by what `stored` has in the same place.
   *
   * Within an array places count only while it is as long as before.
   *
   * @throws {InputRangeError} Nothing is stored in that place: the mask itself would become the secret.
   */
  restore(edited: unknown, stored: unknown): unknown;
}

/** Makes a redactor for fields called `names`. */
export function createRedactor(names: readonly string[] = DEFAULT_REDACT): Redactor {
  const secret = new Set(names.map((name) => name.toLowerCase()));
  const isSecret = (name: string) => secret.has(name.toLowerCase());
  const inText = textPattern(names);

  function mask(value: unknown, depth = 0): unknown {
    if (typeof value !== "object" || value === null) return value;
    // Only a result can be deeper, which no schema has seen.
    if (depth > MAX_JSON_DEPTH) return MASK;
    if (Array.isArray(value)) return value.map((item) => mask(item, depth + 1));
    return mapFields(value, (name, field) => {
      return isSecret(name) && field !== null ? MASK : mask(field, depth + 1);
    });
  }

  function restore(edited: unknown, stored: unknown, keys: (string | number)[]): unknown {
    if (Array.isArray(edited)) {
      const old = Array.isArray(stored) && stored.length === edited.length ? stored : [];
      return edited.map((item, i) => restore(item, old[i], [...keys, i]));
    }
    if (typeof edited !== "object" || edited === null) return edited;
    return mapFields(edited, (name, field) => {
      const old = fieldOf(stored, name);
      if (!isSecret(name) || field !== MASK) return restore(field, old, [...keys, name]);
      if (old !== undefined) return old;
      const path = `data${pathOf([...keys, name])}`;
      throw new InputRangeError(path, `must be a new value, found "${MASK}" where nothing is stored`);
    });
  }

  return {
    names,
    value: (value) => mask(value),
    text: (text) => inText === null ? text : text.replace(inText, `$1${MASK}`),
    restore(edited, stored) {
      checkJson(edited, "data");
      return restore(edited, stored, []);
    },
  };
}

/** A copy of `object`. Unlike assigning, this keeps a field called `__proto__` a field. */
function mapFields(object: object, change: (name: string, field: unknown) => unknown): unknown {
  return Object.fromEntries(Object.entries(object).map(([name, field]) => [name, change(name, field)]));
}

function fieldOf(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Record<string, unknown>)[name];
}

/** Finds a name and what follows it: `token=…`, `"token": "…"`, `\"token\":\"…\"`, `Authorization: Bearer …`. */
function textPattern(names: readonly string[]): RegExp | null {
  if (names.length === 0) return null;
  const name = names.map((text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|");
  const between = String.raw`\\*["']?\s*[:=]\s*`;
  // Messages are cut at a length, so a quoted value may lack its end.
  const quoted = String.raw`\\*"[^"]*(?:"|$)|'[^']*(?:'|$)`;
  const bare = String.raw`(?:(?:bearer|basic)\s+)?[^\s,;&"'}\])]+`;
  return new RegExp(String.raw`(\b(?:${name})${between})(?:${quoted}|${bare})`, "gi");
}
