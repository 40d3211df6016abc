import type { JobFilter } from "../../lib/store.ts";

/**
 * Tells by its record's text alone whether a job may meet the conditions of `filter`, but for its status: of a search
 * most jobs do not, and to look at the text is a small part of parsing it.
 *
 * @returns Never false for a job that meets them.
 */
export function createSieve({ type, tag, createdBy, text, data }: JobFilter) {
  const begin = type === undefined ? BEGIN : BEGIN + JSON.stringify(type).slice(0, -1); // of its family too
  const needles = [tag, createdBy].flatMap((value) => value === undefined ? [] : [JSON.stringify(value)]);
  const fields = (data ?? []).flatMap(({ path, value }) => {
    const name = path.split(".").at(-1) ?? "";
    return ARRAY_INDEX.test(name)
      ? []
      : [[JSON.stringify(value), value].map((as) => `${JSON.stringify(name)}:${as}`)];
  });
  const words = text === undefined || !isPlain(text.toLowerCase()) ? [] : [text.toLowerCase()];

  return (seq: string, record: string): boolean => {
    if (!record.startsWith(begin)) return !record.startsWith(BEGIN); // damaged: what it is shown as is another matter
    return needles.every((needle) => record.includes(needle)) &&
      fields.every((either) => either.some((field) => record.includes(field))) &&
      words.every((word) => seq.includes(word) || record.toLowerCase().includes(word));
  };
}

/** How every record begins. */
const BEGIN = '{"type":';

/** The items of an array have no names. */
const ARRAY_INDEX = /^\d+$/;

/**
 * True if JSON holds `text` as it is. Not with sigma in it, whose small form depends on the letters beside it, among
 * which there may be those of an escape.
 */
function isPlain(text: string): boolean {
  return JSON.stringify(text).length === text.length + 2 && !/[σς]/.test(text);
}
