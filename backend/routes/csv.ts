/** What a spreadsheet takes for the beginning of a formula, the wide forms of East Asian keyboards too. */
const FORMULA = /^(?:[\t\r\n]|\s*[=+\-@\uff1d\uff0b\uff0d\uff20])/;

/**
 * A row by RFC 4180, with the line break that ends it. null is an empty cell.
 *
 * Text that a spreadsheet would run as a formula begins with `'`, which makes it text there. Numbers stay as they are.
 */
export function csvRow(cells: readonly (string | number | null)[]): string {
  return `${cells.map(cellOf).join(",")}\r\n`;
}

function cellOf(value: string | number | null): string {
  if (value === null) return "";
  if (typeof value === "number") return String(value);
  const text = FORMULA.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
