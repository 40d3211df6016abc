import { useEffect, useRef } from "preact/hooks";
import type { Api } from "./api.ts";
import type { LogLine } from "./job.ts";
import { useSignal } from "./signal.ts";

export const LEVELS = ["debug", "info", "warn", "error"] as const;
export type Level = typeof LEVELS[number];

/** The least level that an address asks for. */
export function levelIn(params: URLSearchParams): Level {
  return LEVELS.find((level) => level === params.get("level")) ?? "debug";
}

/** Lines as they were read: a page of the API, and where it begins and ends. */
export interface LogPage {
  /** "" is the beginning. */
  after: string;
  lines: LogLine[];
  nextCursor: string | null;
}

/** As many lines as are held. Whoever wants more reads the log page by page. */
const MOST_LINES = 5_000;
/** Pages that are read one after the other before others have a turn. */
const PAGES_AT_ONCE = 5;
/** Milliseconds between two looks for new lines: they are stored four times a second. */
const INTERVAL = 1_000;

export async function loadLog(api: Api, id: string, after: string): Promise<LogPage> {
  const query = { limit: "200", ...(after === "" ? {} : { after }) };
  const { data, nextCursor } = await (await api.jobs[":id"].logs.$get({ param: { id }, query })).json();
  return { after, lines: data, nextCursor };
}

/** The log of a job, which grows while it is read. */
export interface JobLog {
  lines: readonly LogLine[];
  /** Where the lines go on that have not been read; null: all are here. */
  nextCursor: string | null;
  /** Reads on. */
  more: () => Promise<void>;
}

/**
 * A log that begins as the server read it. While `isFollowed`, what is written is read second by second; `version`
 * says that something has become of the job, after which the log is read once more.
 */
export function useLog(initial: LogPage, options: {
  load: (after: string) => Promise<LogPage>;
  isFollowed: boolean;
  isPaused: () => boolean;
  version: string;
}): JobLog {
  const pages = useSignal<readonly LogPage[]>([initial]);
  const isReading = useRef(false);
  const lines = pages.value.flatMap((page) => page.lines);
  const last = pages.value.at(-1) ?? initial;

  async function read(most: number): Promise<void> {
    if (isReading.current) return;
    isReading.current = true;
    try {
      for (let read = 0; read < most; read++) {
        const last = pages.value.at(-1) ?? initial;
        const isEnd = last.nextCursor === null;
        const page = await options.load(last.nextCursor ?? last.after);
        pages.value = isEnd ? [...pages.value.slice(0, -1), page] : [...pages.value, page];
        if (page.nextCursor === null) break;
      }
    } catch {
      // The badge tells that there is no connection; what is shown stays.
    } finally {
      isReading.current = false;
    }
  }

  const isFull = lines.length >= MOST_LINES;
  const isLong = last.nextCursor !== null;
  useEffect(() => {
    if (!options.isFollowed || isFull) return;
    void read(PAGES_AT_ONCE);
    const timer = setInterval(() => {
      if (document.visibilityState === "visible" && !options.isPaused()) void read(PAGES_AT_ONCE);
    }, INTERVAL);
    return () => clearInterval(timer);
  }, [options.isFollowed, isFull]);
  const first = useRef(options.version);
  useEffect(() => {
    if (options.version !== first.current && !isLong) void read(PAGES_AT_ONCE);
    first.current = options.version;
  }, [options.version]);

  return { lines, nextCursor: last.nextCursor, more: () => read(1) };
}
