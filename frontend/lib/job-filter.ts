/** Which jobs the list shows: as it is typed, and as it stands in an address. */

/** One condition; `name` is a parameter of `GET /api/admin/jobs`. Several of `status` are alternatives. */
export interface Condition {
  name: string;
  value: string;
}

/** What can be asked for, in the order in which it is written. `q` is text without a name. */
export const NAMES = [
  "status",
  "type",
  "queue",
  "tag",
  "createdBy",
  "fingerprint",
  "createdAfter",
  "createdBefore",
  "finishedAfter",
  "finishedBefore",
  "q",
] as const;

const isName = (name: string) => (NAMES as readonly string[]).includes(name) || /^data\../s.test(name);

/** A word, or what stands in quotes, or both together: `type:"a b"`. */
const WORD = /(?:"(?:\\.|[^"\\])*"|[^\s"]|")+/g;

/** Reads what somebody typed: `status:failed type:email tag:vip data.userId=42 text`. Any text means something. */
export function parseFilter(text: string): Condition[] {
  const words: string[] = [];
  const conditions: Condition[] = [];
  for (const [word] of text.matchAll(WORD)) {
    const [, name = "", value = ""] = /^(data\.[^=\s"]+)=(.*)$/s.exec(word) ?? /^(\w+):(.*)$/s.exec(word) ??
      [];
    if (name === "q" || !isName(name)) words.push(unquoted(word));
    else if (value !== "") conditions.push({ name, value: unquoted(value) });
  }
  if (words.length > 0) conditions.push({ name: "q", value: words.join(" ") });
  return tidy(conditions);
}

/** Reads the parameters of an address; others are left out. */
export function filterIn(params: URLSearchParams): Condition[] {
  return tidy(
    [...params].filter(([name, value]) => isName(name) && value !== "").map(([name, value]) => {
      return { name, value };
    }),
  );
}

/** One condition as it is typed. */
export function conditionText({ name, value }: Condition): string {
  if (name === "q") return value.split(" ").map((word) => isPlain(word) ? word : quoted(word)).join(" ");
  const written = /[\s"]/.test(value) ? quoted(value) : value;
  return name.startsWith("data.") ? `${name}=${written}` : `${name}:${written}`;
}

/** Returns what `parseFilter` reads as these conditions. */
export function filterText(conditions: readonly Condition[]): string {
  return conditions.map(conditionText).join(" ");
}

/** The part of an address behind "?". */
export function filterQuery(conditions: readonly Condition[], others: Record<string, string> = {}): string {
  return new URLSearchParams([
    ...conditions.map(({ name, value }): [string, string] => [name, value]),
    ...Object.entries(others),
  ]).toString();
}

/** Returns `conditions` with one more, in place of another one of its name. */
export function withCondition(conditions: readonly Condition[], one: Condition): Condition[] {
  return tidy([...conditions, one]);
}

/** Of each name the last one counts, of `status` each; the order is always the same. */
function tidy(conditions: readonly Condition[]): Condition[] {
  const byName = new Map<string, Condition>();
  for (const one of conditions) byName.set(one.name === "status" ? `status ${one.value}` : one.name, one);
  const place = ({ name }: Condition) => (NAMES as readonly string[]).indexOf(name);
  const rank = (one: Condition) => place(one) < 0 ? NAMES.length - 1.5 : place(one); // data before text
  return [...byName.values()].sort((a, b) => rank(a) - rank(b));
}

/** False when `word` would be read as a condition, or not as one word. */
function isPlain(word: string): boolean {
  return word !== "" && !/["\s]/.test(word) && parseFilter(word)[0]?.name === "q";
}

function quoted(text: string): string {
  return `"${text.replaceAll(/["\\]/g, "\\$&")}"`;
}

function unquoted(text: string): string {
  return /^".*"$/s.test(text) && text.length > 1 ? text.slice(1, -1).replaceAll(/\\(["\\])/g, "$1") : text;
}
