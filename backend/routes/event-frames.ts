import { typeMatches } from "../lib/filter.ts";
import type { JobChange } from "../lib/job-change.ts";
import { headOf, isoOf } from "../lib/job-head.ts";
import type { LiveBatch } from "../lib/live-feed.ts";
import type { News } from "../lib/live-news.ts";
import type { Redactor } from "../lib/redact.ts";

/** Which events a stream shows. One with a condition shows those of jobs alone. */
export interface EventFilter {
  /** `email` means the type `email` and the family `email:…`. */
  type?: string;
  /** The job's id. */
  id?: string;
  /** Events of jobs that come at once: of more than these only their number is told. */
  most?: number;
}

const encoder = new TextEncoder();

/** Times as they were last written: what happens together happens within a few milliseconds. */
const times = new Map<number, string>();

function iso(time: number): string {
  const known = times.get(time);
  if (known !== undefined) return known;
  if (times.size >= 1_000) times.clear();
  const text = isoOf(time);
  times.set(time, text);
  return text;
}

/** True when a stream with this filter shows more than jobs. */
export function showsAll({ type, id }: EventFilter): boolean {
  return type === undefined && id === undefined;
}

/** One name for all filters that say the same. */
export function nameOf({ type, id, most }: EventFilter): string {
  return JSON.stringify([type ?? null, id ?? null, most ?? null]);
}

/** Writes events as server-sent events. Job events of one batch are written once, however many filters take them. */
export class FrameWriter {
  readonly #redactor: Redactor;

  constructor(redactor: Redactor) {
    this.#redactor = redactor;
  }

  /** Returns what makes the frame of a filter out of `batch`; null: it has nothing for it. */
  framesOf(batch: LiveBatch): (filter: EventFilter) => Uint8Array | null {
    const texts: string[] = [];
    const textAt = (i: number, change: JobChange) => texts[i] ??= this.#jobEvent(change);
    return (filter) => {
      let frame = jobEvents(batch.changes, filter, textAt);
      if (showsAll(filter)) { for (const news of batch.news) frame += newsEvent(news); }
      if (batch.reset) frame = RESET + frame;
      return frame === "" ? null : encoder.encode(frame + idLine(batch.cursor));
    };
  }

  /** The frame of `changes` up to `cursor`. */
  frame(changes: readonly JobChange[], cursor: string, filter: EventFilter): Uint8Array {
    const events = jobEvents(changes, filter, (_, change) => this.#jobEvent(change));
    return encoder.encode(events + idLine(cursor));
  }

  #jobEvent({ event, at, job }: JobChange): string {
    return eventText(`job.${event}`, { ...headOf(job, this.#redactor, iso), at: iso(at) });
  }
}

/** How a stream begins: how soon to come back after a break, and where it stands. */
export function openingFrame(cursor: string | null, stats: News | null): Uint8Array {
  const news = stats === null ? "" : newsEvent(stats);
  return encoder.encode(`retry: 2000\n${cursor === null ? "\n" : idLine(cursor)}${news}`);
}

/** Tells the client to read anew what it knows of jobs. */
export function resetFrame(cursor: string): Uint8Array {
  return encoder.encode(RESET + idLine(cursor));
}

/** Keeps proxies from taking the stream for dead, and a client that saw nothing for long from losing its place. */
export function heartbeatFrame(cursor: string | null): Uint8Array {
  return encoder.encode(`: still here\n${cursor === null ? "\n" : idLine(cursor)}`);
}

const RESET = eventText("reset", {});

/** What a stream with this filter shows of `changes`; `textAt` writes one of them. */
function jobEvents(
  changes: readonly JobChange[],
  filter: EventFilter,
  textAt: (i: number, change: JobChange) => string,
): string {
  if (filter.most !== undefined) {
    const count = changes.reduce((sum, change) => sum + (takes(filter, change) ? 1 : 0), 0);
    if (count > filter.most) return eventText("job.many", { count });
  }
  let text = "";
  for (const [i, change] of changes.entries()) if (takes(filter, change)) text += textAt(i, change);
  return text;
}

function takes({ type, id }: EventFilter, { job }: JobChange): boolean {
  return (type === undefined || typeMatches(job.type, type)) && (id === undefined || job.id === id);
}

function newsEvent(news: News): string {
  if (news.event === "stats") return eventText("stats", { ...news.counts, byQueue: news.byQueue });
  return eventText(news.event, "worker" in news ? news.worker : { name: news.name });
}

/** JSON has no line breaks, so nothing in it can end the event. */
function eventText(event: string, data: unknown): string {
  return `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}

/** An event without data: clients note the id and tell nobody. */
function idLine(cursor: string): string {
  return `id: ${cursor}\n\n`;
}
