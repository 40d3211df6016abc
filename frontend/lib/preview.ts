/** What others wrote, in one line. */

/** Characters that are not seen, or that change the order in which others are read. */
const UNSEEN = /[\p{Cc}\p{Cf}\u2028\u2029]/gu;

/** Returns `text` with what cannot be seen written out, and no longer than `most`. */
export function visible(text: string, most = 200): string {
  const cut = text.length > most ? `${text.slice(0, most).replace(/[\ud800-\udbff]$/, "")}…` : text;
  return cut.replaceAll(UNSEEN, (char) => `\\u${char.codePointAt(0)?.toString(16).padStart(4, "0")}`);
}

/** Returns the beginning of `data` as JSON with names that need no quotes without them. Reads no more than it shows. */
export function previewOf(data: unknown, most = 160): string {
  let text = "";
  const isFull = () => text.length > most;
  const write = (value: unknown): void => {
    if (isFull()) return;
    if (typeof value === "string") text += JSON.stringify(value.slice(0, most));
    else if (typeof value !== "object" || value === null) text += String(value);
    else if (Array.isArray(value)) writeAll("[", value, "]", write);
    else {
      writeAll("{ ", Object.keys(value), " }", (name) => {
        text += `${/^[\w$]{1,60}$/.test(name) ? name : JSON.stringify(name.slice(0, most))}: `;
        write((value as Record<string, unknown>)[name]);
      });
    }
  };
  const writeAll = <T>(open: string, parts: readonly T[], close: string, one: (part: T) => void) => {
    if (parts.length === 0) return void (text += (open + close).replaceAll(" ", ""));
    text += open;
    for (const [i, part] of parts.entries()) {
      if (isFull()) break;
      if (i > 0) text += ", ";
      one(part);
    }
    text += close;
  };
  write(data);
  return visible(text, most);
}
