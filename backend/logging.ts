import {
  configureSync,
  getAnsiColorFormatter,
  getJsonLinesFormatter,
  getTextFormatter,
  type LogLevel,
  type LogRecord,
  type TextFormatter,
} from "@logtape/logtape";
import type { LogConfig } from "./config.ts";
import { createRedactor } from "./lib/redact.ts";

const SEVERITY: readonly LogLevel[] = ["trace", "debug", "info", "warning", "error", "fatal"];
const redactor = createRedactor();

/** Prints the logs of this process from now on, secrets masked. */
export function configureLogs(config: LogConfig, print: (line: string) => void = console.log): void {
  const format = formatterOf(config);
  const level = config.level === "warn" ? "warning" : config.level;
  const isDebugged = debugged(config.debug ?? "");
  configureSync({
    reset: true,
    sinks: { output: (record) => print(format(masked(record)).trimEnd()) },
    filters: {
      wanted: ({ level: found, category }) => {
        return SEVERITY.indexOf(found) >= SEVERITY.indexOf(level) || isDebugged(category.join(":"));
      },
    },
    loggers: [
      {
        category: "jobs",
        sinks: ["output"],
        filters: ["wanted"],
        lowestLevel: config.debug === null ? level : "debug",
      },
      { category: ["logtape", "meta"], sinks: ["output"], lowestLevel: "warning" },
    ],
  });
}

function formatterOf({ format }: LogConfig): TextFormatter {
  if (format === "json") {
    const json = getJsonLinesFormatter({ categorySeparator: ":" });
    // As people read it: the formatter itself would put quotes around what stands for a field.
    return (record) => json({ ...record, message: [record.message.map(plain).join("")] });
  }
  const category = (names: readonly string[]) => names.join(":");
  // "bare" escapes control characters and line breaks: what a caller sent cannot pass for a line of the log.
  const options = { timestamp: "time", timeZone: null, value: "bare", category } as const;
  const text = Deno.noColor || !Deno.stdout.isTerminal()
    ? getTextFormatter(options)
    : getAnsiColorFormatter(options);
  return (record) => {
    const { error } = record.properties;
    return text(record) + (typeof error === "string" ? error.replace(/^/gm, "    ") : "");
  };
}

/** Tells which parts log debug messages: those that match one of `patterns`, such as `jobs:*` or `jobs:http,jobs:store`. */
function debugged(patterns: string): (part: string) => boolean {
  const wanted = patterns.split(/[\s,]+/).filter((pattern) => pattern !== "")
    .map((pattern) => new RegExp(`^${pattern.split("*").map(RegExp.escape).join(".*")}$`));
  return (part) => wanted.some((pattern) => pattern.test(part));
}

/** A record whose values hold no secret, its errors as text: what they carry besides is not for logs. */
function masked(record: LogRecord): LogRecord {
  const message = record.message.map((part, i) => {
    return i % 2 === 0 ? part : part instanceof Error ? redactor.text(String(part)) : hidden(part);
  });
  const properties = Object.entries(record.properties).map(([name, value]) => {
    return [name, value instanceof Error ? redactor.text(Deno.inspect(value)) : hidden(value)];
  });
  return {
    ...record,
    message,
    properties: redactor.value(Object.fromEntries(properties)) as LogRecord["properties"],
  };
}

function plain(part: unknown): string {
  return typeof part === "string" ? part : JSON.stringify(part) ?? String(part);
}

function hidden(value: unknown): unknown {
  return typeof value === "string" ? redactor.text(value) : redactor.value(value);
}
