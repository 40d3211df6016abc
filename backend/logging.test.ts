import { assert, assertEquals } from "@std/assert";
import { resetSync } from "@logtape/logtape";
import type { LogConfig } from "./config.ts";
import { type Log, logOf } from "./lib/log.ts";
import { configureLogs } from "./logging.ts";

const JSON_LOGS: LogConfig = { level: "info", format: "json", debug: null };

function linesOf(config: Partial<LogConfig>, write: (http: Log, store: Log) => void): string[] {
  const lines: string[] = [];
  try {
    configureLogs({ ...JSON_LOGS, ...config }, (line) => lines.push(line));
    write(logOf("http"), logOf("store"));
    return lines;
  } finally {
    resetSync();
  }
}

Deno.test("configureLogs() prints one JSON object a line, whatever a message holds", () => {
  const lines = linesOf({}, (http) => {
    http.info("{path} was asked for", { path: '/a\n{"level":"ERROR"}', level: "fake" });
  });

  assertEquals(lines.length, 1);
  assert(!lines[0]!.includes("\n"));
  const { level, message, logger, properties } = JSON.parse(lines[0]!);
  assertEquals([level, logger, properties.level], ["INFO", "jobs:http", "fake"]);
  assertEquals(message, '/a\n{"level":"ERROR"} was asked for');
});

Deno.test("configureLogs() in pretty format escapes what could pass for a line of its own", () => {
  const [line] = linesOf({ format: "pretty" }, (http) => {
    http.info("{path} was asked for", { path: "/a\n12:00:00 [ERR] \x1b[31mfake" });
  });

  assert(!line!.includes("\n"));
  assert(!line!.includes("\x1b[31mfake"));
});

Deno.test("configureLogs() shows an error's stack and no secret in it", () => {
  for (const format of ["json", "pretty"] as const) {
    const error = new Error("refused: token=hunter2");
    const [line] = linesOf({ format }, (http) => {
      http.error("It failed: {error}", { error, data: { password: "hunter2" }, apiKey: "hunter2" });
    });

    assert(line!.includes("logging.test.ts"), line);
    assert(!line!.includes("hunter2"), line);
  }
});

Deno.test("configureLogs() leaves out what is below its level, but for the parts that DEBUG names", () => {
  const write = (http: Log, store: Log) => {
    for (const log of [http, store]) {
      log.debug("debug");
      log.info("info");
      log.warn("warn");
    }
  };
  const messages = (config: Partial<LogConfig>) => {
    return linesOf(config, write).map((line) => JSON.parse(line)).map(({ logger, message }) =>
      `${logger} ${message}`
    );
  };

  assertEquals(messages({ level: "warn" }), ["jobs:http warn", "jobs:store warn"]);
  assertEquals(messages({ level: "error" }), []);
  assertEquals(messages({ level: "debug" }).length, 6);
  assertEquals(messages({ debug: "jobs:*" }).length, 6);
  assertEquals(messages({ level: "warn", debug: "express:*,jobs:store" }), [
    "jobs:http warn",
    "jobs:store debug",
    "jobs:store info",
    "jobs:store warn",
  ]);
});
