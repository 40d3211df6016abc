import { DAY_OF_MONTH } from "./field.ts";
import type { Item } from "./item.ts";
import { checkValue } from "./parse-span.ts";
import type { FieldReader } from "./reader.ts";

/** Reads what follows an `L` that begins an item of the day of the month. */
export function parseLastDay(reader: FieldReader): Item {
  if (reader.take("W")) {
    reader.expectEnd();
    return { kind: "lastWeekday" };
  }
  let before = 0;
  if (reader.take("-")) {
    const { at } = reader;
    before = reader.takeNumber();
    if (before < 0 && !reader.done) reader.refuseRest();
    if (!(before >= 1 && before <= 30)) {
      const found = reader.expression.slice(at, reader.at);
      reader.refuse(`found ${found === "" ? "nothing" : found} after L-`, {
        at,
        found,
        allowed: "L-1 to L-30",
        item: before === 0 && reader.done ? "L" : undefined,
      });
    }
  }
  reader.expectEnd();
  return { kind: "last", before };
}

/** Reads what follows the `W` after a number. */
export function parseNearestWeekday(reader: FieldReader, day: number): Item {
  reader.expectEnd();
  if (day < DAY_OF_MONTH.min || day > DAY_OF_MONTH.max) {
    reader.refuse(`${day} is out of range`, { found: String(day), allowed: "1W to 31W" });
  }
  return { kind: "nearestWeekday", day };
}

/** Reads what follows the `L` or `#` after a day of the week. */
export function parseNamedDay(reader: FieldReader, value: number): Item {
  const weekday = checkValue(reader, value) % 7;
  const { at } = reader;
  if (reader.expression[at - 1] !== "#" || reader.take("L")) {
    reader.expectEnd();
    return { kind: "lastNamed", weekday };
  }
  const nth = reader.takeNumber();
  if (nth < 0 && !reader.done) {
    reader.refuseRest(reader.item.endsWith("#-1") ? reader.item.replace("#-1", "#L") : undefined);
  }
  if (!(nth >= 1 && nth <= 5)) {
    const found = reader.expression.slice(at, reader.at);
    reader.refuse(`found ${found === "" ? "nothing" : found} after #`, {
      at,
      found,
      allowed: "#1 to #5 and #L",
    });
  }
  reader.expectEnd();
  return { kind: "nthNamed", weekday, nth };
}
