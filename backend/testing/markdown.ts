/** A fenced block of a Markdown text. */
export interface CodeBlock {
  /** What stands behind the opening fence: `sh run`. */
  info: string;
  text: string;
  /** The line of the opening fence, from 1. */
  line: number;
}

/** The fenced blocks of `markdown`, in order. Fences begin their line and have three backticks. */
export function codeBlocks(markdown: string): CodeBlock[] {
  const blocks: CodeBlock[] = [];
  for (const { index, 1: info = "", 2: text = "" } of markdown.matchAll(/^```([^\n]*)\n([\s\S]*?)^```$/gm)) {
    blocks.push({ info: info.trim(), text, line: markdown.slice(0, index).split("\n").length });
  }
  return blocks;
}

/** What a block shows of an answer. */
export interface ShownAnswer {
  /** Null if any 2xx is meant. */
  status: number | null;
  /** Undefined if nothing is shown. */
  body: unknown;
}

/** Reads a `json` or `jsonc` block. Its first line may be the status: `// 201`. */
export function shownAnswer({ text }: CodeBlock): ShownAnswer {
  const [, status, body = ""] = /^(?:\/\/ (\d{3})\n)?([\s\S]*)$/.exec(text) ?? [];
  return {
    status: status === undefined ? null : Number(status),
    body: body.trim() === "" ? undefined : JSON.parse(body),
  };
}

/** Says which line of `shown` does not follow the one before it in `found`, null if all do. `…` stands for anything. */
export function lineDifference(found: string, shown: string): string | null {
  let rest = found.split(/\r?\n/);
  for (const line of shown.trimEnd().split("\n")) {
    const pattern = new RegExp(`^${line.split("…").map((part) => RegExp.escape(part)).join(".*")}$`);
    const at = rest.findIndex((candidate) => pattern.test(candidate));
    if (at < 0) return `shown as ${line}, is missing`;
    rest = rest.slice(at + 1);
  }
  return null;
}

/**
 * Says where `found` is not what `shown` says, null if nowhere. Objects may hold more than is shown; `"…"` stands
 * for anything but nothing.
 */
export function difference(found: unknown, shown: unknown, path = ""): string | null {
  if (shown === "…") {
    return found === undefined || found === null ? `${path}: shown as "…", is missing` : null;
  }
  if (typeof shown !== "object" || shown === null || typeof found !== "object" || found === null) {
    return Object.is(found, shown)
      ? null
      : `${path}: shown as ${JSON.stringify(shown)}, is ${JSON.stringify(found)}`;
  }
  if (Array.isArray(shown) && (!Array.isArray(found) || found.length !== shown.length)) {
    return `${path}: shown with ${shown.length} items, is ${JSON.stringify(found)}`;
  }
  for (const [name, value] of Object.entries(shown)) {
    const inner = Object.hasOwn(found, name) ? (found as Record<string, unknown>)[name] : undefined;
    const wrong = difference(inner, value, `${path}.${name}`);
    if (wrong !== null) return wrong;
  }
  return null;
}
