import { getLogger } from "@logtape/logtape";

/** What the core needs of a logger. A logger of LogTape is one. `{name}` in a message stands for that field. */
export interface Log {
  debug(message: string, fields?: Record<string, unknown>): void;
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
}

/** The parts that log, each under `jobs:<part>`. */
export type LogPart = "queue" | "worker" | "maintainer" | "scheduler" | "store" | "http" | "webhooks";

/** The logger of one part. Silent until the program configures LogTape. */
export function logOf(part: LogPart): Log {
  return getLogger(["jobs", part]);
}
