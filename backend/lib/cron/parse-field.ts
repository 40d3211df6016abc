import { quote } from "./error.ts";
import { hashOf } from "./hash.ts";
import { DAY_OF_MONTH, DAY_OF_WEEK } from "./field.ts";
import type { Item, ParsedField, Span } from "./item.ts";
import { checkValue, parseRange, parseStep, takeValue } from "./parse-span.ts";
import { parseLastDay, parseNamedDay, parseNearestWeekday } from "./parse-day.ts";
import type { FieldReader } from "./reader.ts";

/**
 * Reads a field: a list of items, each of them read once.
 *
 * @param seed What `H` chooses by.
 * @throws {CronSyntaxError} It cannot be read.
 */
export function parseField(reader: FieldReader, seed: string | undefined): ParsedField {
  const { expression, field, start, end } = reader;
  const isPlus = expression[start] === "+" && field === DAY_OF_WEEK;
  const first = isPlus ? start + 1 : start;
  const items: Item[] = [];
  for (let from = first; from <= end; from = reader.itemEnd + 1) {
    reader.enter(from);
    if (reader.done) refuseEmpty(reader);
    items.push(parseItem(reader, seed));
  }
  const char = expression[first];
  return { field, text: reader.text, items, isStar: char === "*" || char === "?", isPlus };
}

function parseItem(reader: FieldReader, seed: string | undefined): Item {
  const { field } = reader;
  if (reader.take("*")) return parseStar(reader);
  if (reader.take("?")) return parseAny(reader);
  if (!reader.hasLetterAt(reader.at + 1) && reader.take("H")) return parseHash(reader, seed);
  if (field === DAY_OF_MONTH && reader.take("L")) return parseLastDay(reader);
  refuseBeginning(reader);
  const first = takeValue(reader);
  if (field === DAY_OF_MONTH && reader.take("W")) return parseNearestWeekday(reader, first.value);
  if (field === DAY_OF_WEEK && (reader.take("L") || reader.take("#"))) {
    return parseNamedDay(reader, first.value);
  }
  if (reader.take("-")) return parseRange(reader, first);
  const checked = checkValue(reader, first.value);
  const value = field === DAY_OF_WEEK ? checked % 7 : checked;
  if (reader.take("/")) {
    return { kind: "span", first: value, last: field.max, step: parseStep(reader), form: "open" };
  }
  reader.expectEnd();
  return { kind: "span", first: value, last: value, step: 1, form: "value" };
}

function parseStar(reader: FieldReader): Span {
  const { min, max } = reader.field;
  const step = reader.take("/") ? parseStep(reader) : 1;
  if (!reader.done) {
    const number = reader.item.slice(1).match(/^-?(\d+)$/)?.[1];
    reader.refuseRest(number === undefined ? undefined : `*/${number}`);
  }
  return { kind: "span", first: min, last: max, step, form: "star" };
}

function parseAny(reader: FieldReader): Span {
  const { field, item } = reader;
  if (field !== DAY_OF_MONTH && field !== DAY_OF_WEEK) {
    reader.refuse(`"?" stands only where a day may`, { item: item.replace("?", "*") });
  }
  if (!reader.done || !/^\+?\?$/.test(reader.text)) {
    reader.refuse(`"?" stands alone`, { at: reader.itemStart, whole: reader.text.replaceAll("?", "*") });
  }
  return { kind: "span", first: field.min, last: field.max, step: 1, form: "star" };
}

/** `H`, `H(0-29)`, `H/10`, `H(0-29)/10`: a value, or where steps begin, that depends on the seed alone. */
function parseHash(reader: FieldReader, seed: string | undefined): Span {
  const { field } = reader;
  if (field.hashed === null) {
    reader.refuse(`"H" does not stand for a ${field.name}`, { allowed: field.values });
  }
  if (seed === undefined) {
    reader.refuse(`"H" chooses by a name, and the option "seed" gives none`, {
      allowed: `${field.values}, or H together with a seed`,
    });
  }
  let [min, max] = field.hashed;
  if (reader.take("(")) {
    const { first, last } = parseHashRange(reader);
    [min, max] = [first, last];
  }
  const step = reader.take("/") ? parseStep(reader) : 0;
  reader.expectEnd();
  const size = max - min + 1;
  const hash = hashOf(seed, field.name);
  if (step > 0 && step < size) {
    return { kind: "span", first: min + hash % step, last: max, step, form: "hash" };
  }
  const value = min + hash % size;
  return { kind: "span", first: value, last: value, step: Math.max(1, step), form: "hash" };
}

function parseHashRange(reader: FieldReader): Span {
  const inner = reader.at;
  const close = reader.expression.indexOf(")", inner);
  if (close < 0 || close >= reader.itemEnd) {
    reader.refuse(`"(" is not closed`, {
      item: /^h\([\d-]+$/i.test(reader.item) ? `${reader.item})` : undefined,
    });
  }
  const first = takeValue(reader);
  if (!reader.take("-")) {
    checkValue(reader, first.value);
    reader.refuse(`"H" chooses within a range, found ${quote(reader.item)}`, {
      allowed: "H, H(0-29), H/10, H(0-29)/10",
      item: reader.expression.slice(inner, close),
    });
  }
  const range = parseRange(reader, first, close);
  reader.take(")");
  return range;
}

/** An item that begins with what can only come later in one. */
function refuseBeginning(reader: FieldReader): void {
  const { field, item } = reader;
  const rest = item.slice(1);
  switch (item[0]) {
    case "/":
      reader.refuse(`the step ${quote(item)} has nothing before it`, { item: `*${item}` });
      break;
    case "-":
      reader.refuse(`the range ${quote(item)} has no beginning`, {
        item: /^\d+$/.test(rest) && Number(rest) >= field.min && Number(rest) <= field.max
          ? `${field.min}${item}`
          : undefined,
      });
      break;
    case "+":
      reader.refuse(`"+" stands before the whole day of week`, {
        whole: field === DAY_OF_WEEK
          ? `+${reader.text.replaceAll("+", "")}`
          : reader.text.replaceAll("+", ""),
      });
      break;
    case "L":
    case "l":
      if (field === DAY_OF_WEEK) {
        reader.refuse(`${quote(item)} has no day before it`, { allowed: "FRIL, 5L, FRI#L, SUN-SAT" });
      }
      break;
    case "#":
      if (field === DAY_OF_WEEK) {
        reader.refuse(`${quote(item)} has no day before it`, {
          allowed: "5#3, FRI#L",
          item: /^#[1-5]$/.test(item) ? `MON${item}` : undefined,
        });
      }
  }
}

function refuseEmpty(reader: FieldReader): never {
  const plus = reader.text.startsWith("+") ? "+" : "";
  const items = reader.text.slice(plus.length).split(",").filter((item) => item !== "").join(",");
  reader.refuse("found nothing between commas", {
    found: "",
    whole: items === "" ? `${plus}*` : plus + items,
  });
}
