import type { JobEvent } from "../../lib/events.ts";
import type { ChangedJob, JobChange } from "../../lib/job-change.ts";
import { decode } from "./codec.ts";

/** What a commit has to tell of one job. */
export type Telling = readonly [JobEvent, ChangedJob];

/** A change as it is stored: fields by their place, since a commit may hold hundreds. */
type Row = [
  event: JobEvent,
  at: number,
  seq: string,
  /** null: the same as `seq`. */
  id: string | null,
  type: string,
  queue: string,
  status: ChangedJob["status"],
  priority: number,
  tags: readonly string[],
  attempt: number,
  maxAttempts: number,
  progress: ChangedJob["progress"],
  createdAt: number,
  scheduledAt: number,
  startedAt: number | null,
  finishedAt: number | null,
];

/** A change as JSON, a `Row`. Put together here: `JSON.stringify` takes three times as long, for every job twice. */
export function encodeChange([event, job]: Telling, at: number): string {
  const { seq, id, tags, progress } = job;
  return `["${event}",${at},"${seq}",${id === seq ? "null" : JSON.stringify(id)},${quoted(job.type)},` +
    `${quoted(job.queue)},"${job.status}",${job.priority},${
      tags.length === 0 ? "[]" : JSON.stringify(tags)
    },` +
    `${job.attempt},${job.maxAttempts},${progress === null ? "null" : JSON.stringify(progress)},` +
    `${job.createdAt},${job.scheduledAt},${job.startedAt},${job.finishedAt}]`;
}

/** Names of types and queues as JSON: there are few. */
const names = new Map<string, string>();

function quoted(name: string): string {
  const known = names.get(name);
  if (known !== undefined) return known;
  if (names.size >= 1_000) names.clear();
  const text = JSON.stringify(name);
  names.set(name, text);
  return text;
}

/** The changes of one stored batch; none if it is damaged. */
export function decodeChanges(bytes: Uint8Array): JobChange[] {
  try {
    return (decode(bytes) as Row[]).map(changeOf);
  } catch {
    return []; // somebody else wrote it: the feed goes on
  }
}

function changeOf(row: Row): JobChange {
  const [event, at, seq, id, type, queue, status, priority, tags, attempt, maxAttempts, progress] = row;
  const [createdAt, scheduledAt, startedAt, finishedAt] = row.slice(12) as [number, number, null, null];
  const job: ChangedJob = {
    id: id ?? seq,
    seq,
    type,
    queue,
    status,
    priority,
    tags,
    attempt,
    maxAttempts,
    progress,
    createdAt,
    scheduledAt,
    startedAt,
    finishedAt,
  };
  return { event, at, job };
}

/** Bytes of `text` as UTF-8, never too few. */
export function bytesOf(text: string): number {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return text.length * 3;
  return text.length;
}
