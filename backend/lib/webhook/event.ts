import { nameId } from "../ids.ts";
import type { JobChange } from "../job-change.ts";
import { headOf, isoOf, type JobHead } from "../job-head.ts";
import type { Job } from "../job.ts";
import { utf8Length } from "../json.ts";
import type { Redactor } from "../redact.ts";
import type { WebhookEvent } from "./endpoint.ts";

/** The most bytes of JSON that a job's data and result may take in an event together. */
const MOST_BYTES = 256 * 1024;

/** What receivers get, in the form of Standard Webhooks. Times are ISO 8601. */
export interface EventBody {
  type: WebhookEvent;
  /** When it happened. */
  timestamp: string;
  data: { job: EventJob };
}

/** A job as it was when the event happened; secrets are masked. */
export interface EventJob extends JobHead {
  data: unknown;
  result: unknown;
  errors: { name: string; message: string; attempt: number; at: string }[];
  createdBy: string | null;
  /** What is left out: too long for an event, or gone before the event was made. */
  omitted?: ("data" | "result" | "errors")[];
}

/** An id of `change`, the same wherever and whenever it is asked for. */
export function eventId({ event, at, job }: JobChange): string {
  return `evt_${nameId(`${event} ${job.seq} ${job.attempt} ${at}`)}`;
}

/** Returns what receivers are told of `change`. `job` is the job as it is now, null if it is gone. */
export function eventBody(
  type: WebhookEvent,
  { at, job: then }: JobChange,
  job: Job | null,
  redactor: Redactor,
): EventBody {
  const omitted: EventJob["omitted"] = job === null ? ["data", "result", "errors"] : [];
  const view: EventJob = {
    ...headOf(then, redactor),
    data: redactor.value(job?.data ?? null),
    result: null,
    errors: (job?.errors ?? []).filter((error) => error.at <= at).map((error) => ({
      name: error.name,
      message: redactor.text(error.message),
      attempt: error.attempt,
      at: isoOf(error.at),
    })),
    createdBy: job?.createdBy ?? null,
  };
  if (then.status === "completed" && job !== null) {
    // A job that somebody has retried since has no result any more, or that of another run.
    if (job.status === "completed" && job.finishedAt === then.finishedAt) {
      view.result = redactor.value(job.result);
    } else omitted.push("result");
  }
  omitted.push(...tooLong(view));
  for (const name of omitted) if (name !== "errors") view[name] = null;
  if (omitted.length > 0) view.omitted = omitted;
  return { type, timestamp: isoOf(at), data: { job: view } };
}

/** What does not fit: the longer of data and result, or both. */
function tooLong({ data, result }: EventJob): ("data" | "result")[] {
  const parts = (Object.entries({ data, result }) as ["data" | "result", unknown][])
    .map(([name, value]) => ({ name, bytes: utf8Length(JSON.stringify(value ?? null)) }))
    .sort((a, b) => b.bytes - a.bytes);
  let total = parts.reduce((sum, { bytes }) => sum + bytes, 0);
  const omitted: ("data" | "result")[] = [];
  for (const { name, bytes } of parts) {
    if (total <= MOST_BYTES) break;
    omitted.push(name);
    total -= bytes;
  }
  return omitted;
}
