import type { Job } from "../../lib/job.ts";

/** A value too large for a record, stored in pieces under a token of its own. */
export interface PartRef {
  token: string;
  count: number;
}

/** Which of a job's values lie in pieces. */
export interface PartRefs {
  data?: PartRef;
  result?: PartRef;
}

/** A job as its record says; values that lie in pieces are not in `job` (they are null there). */
export interface StoredJob {
  job: Job;
  parts: PartRefs;
}

/** What reading a record returns: the data as JSON too. */
export interface DecodedJob extends StoredJob {
  data: string;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Bytes of a pool that small texts are encoded into: an array of its own costs each of them four times as much. */
const POOL = 65_536;
let pool = new Uint8Array(POOL);
let used = 0;

/** `text` as UTF-8. The array may share its memory with others. */
export function toBytes(text: string): Uint8Array {
  const most = text.length * 3;
  if (most > POOL / 8) return encoder.encode(text);
  if (used + most > POOL) {
    pool = new Uint8Array(POOL);
    used = 0;
  }
  const { written } = encoder.encodeInto(text, used === 0 ? pool : pool.subarray(used));
  return pool.subarray(used, used += written);
}

/** JSON bytes: a third cheaper for Deno KV to take than the object. */
export function encode(value: unknown): Uint8Array {
  return toBytes(JSON.stringify(value));
}

/** The value of JSON bytes. @throws {SyntaxError} They are not JSON. */
export function decode(bytes: Uint8Array): unknown {
  return JSON.parse(decoder.decode(bytes));
}

/**
 * The record of `job`, as text: a line of JSON that says all but the data, then the data as JSON, so that data which
 * does not change is not encoded again. What has its usual value is left out, which halves the record of a small job;
 * `seq` is in the key. Of a running job the record says what it was before: `proc` says who runs it.
 *
 * @param data The job's data as JSON, if that is at hand.
 */
export function recordOf(job: Job, parts: PartRefs, data?: string): string {
  const record: Record<string, unknown> = { type: job.type, createdAt: job.createdAt };
  if (job.id !== job.seq) record.id = job.id;
  if (job.queue !== "default") record.queue = job.queue;
  if (job.status !== "pending") record.status = job.status;
  if (job.priority !== 0) record.priority = job.priority;
  if (job.tags.length > 0) record.tags = job.tags;
  if (job.attempt !== 0) record.attempt = job.attempt;
  if (job.maxAttempts !== 3) record.maxAttempts = job.maxAttempts;
  if (job.progress !== null) record.progress = job.progress;
  if (job.result !== null && job.result !== undefined && parts.result === undefined) {
    record.result = job.result;
  }
  if (job.errors.length > 0) record.errors = job.errors;
  if (job.updatedAt !== job.createdAt) record.updatedAt = job.updatedAt;
  if (job.scheduledAt !== job.createdAt) record.scheduledAt = job.scheduledAt;
  if (job.startedAt !== null) record.startedAt = job.startedAt;
  if (job.finishedAt !== null) record.finishedAt = job.finishedAt;
  if (job.expiresAt !== null) record.expiresAt = job.expiresAt;
  if (job.cancelRequestedAt !== null) record.cancelRequestedAt = job.cancelRequestedAt;
  if (job.createdBy !== null) record.createdBy = job.createdBy;
  if (job.traceContext !== null) record.traceContext = job.traceContext;
  if (job.backoff !== null) record.backoff = job.backoff;
  if (job.timeout !== null) record.timeout = job.timeout;
  if (job.keepFor !== null) record.keepFor = job.keepFor;
  if (job.unique !== null) record.unique = job.unique;
  if (job.deaths !== 0) record.deaths = job.deaths;
  if (job.retryOf !== null) record.retryOf = job.retryOf;
  if (parts.data !== undefined || parts.result !== undefined) record.parts = parts;
  const body = parts.data === undefined ? data ?? JSON.stringify(job.data) : "null";
  return `${JSON.stringify(record)}\n${body}`;
}

type JobRecord = Partial<Omit<Job, "data">> & { parts?: PartRefs };

/** Reads a record as stored. @throws {TypeError} It is not one: somebody else wrote it, or it is damaged. */
export function decodeJob(seq: string, bytes: unknown): DecodedJob {
  return parseRecord(seq, toText(bytes));
}

/** UTF-8 as text; empty if it is no array of bytes. */
export function toText(bytes: unknown): string {
  return bytes instanceof Uint8Array ? decoder.decode(bytes) : "";
}

/** Reads a record. @throws {TypeError} It is not one. */
export function parseRecord(seq: string, text: string): DecodedJob {
  const end = text.indexOf("\n");
  const record = end < 0 ? null : parseObject(text.slice(0, end));
  const data = text.slice(end + 1);
  if (record === null || typeof record.type !== "string" || typeof record.createdAt !== "number") {
    throw new TypeError(`Cannot read job "${seq}": its record is damaged`);
  }
  const { createdAt } = record;
  const job: Job = {
    id: record.id ?? seq,
    seq,
    type: record.type,
    data: JSON.parse(data),
    queue: record.queue ?? "default",
    status: record.status ?? "pending",
    priority: record.priority ?? 0,
    tags: record.tags ?? [],
    attempt: record.attempt ?? 0,
    maxAttempts: record.maxAttempts ?? 3,
    progress: record.progress ?? null,
    result: record.result ?? null,
    errors: record.errors ?? [],
    createdAt,
    updatedAt: record.updatedAt ?? createdAt,
    scheduledAt: record.scheduledAt ?? createdAt,
    startedAt: record.startedAt ?? null,
    finishedAt: record.finishedAt ?? null,
    expiresAt: record.expiresAt ?? null,
    cancelRequestedAt: record.cancelRequestedAt ?? null,
    workerId: null,
    createdBy: record.createdBy ?? null,
    traceContext: record.traceContext ?? null,
    backoff: record.backoff ?? null,
    timeout: record.timeout ?? null,
    keepFor: record.keepFor ?? null,
    unique: record.unique ?? null,
    deaths: record.deaths ?? 0,
    retryOf: record.retryOf ?? null,
  };
  return { job, parts: record.parts ?? {}, data };
}

function parseObject(text: string): JobRecord | null {
  try {
    const value = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : null;
  } catch {
    return null;
  }
}

/** What a job whose record cannot be read is shown as. */
export function unreadableJob(seq: string, place: Partial<Job>): Job {
  const at = uuidTime(seq);
  const error = { name: "UnreadableError", message: "its record is damaged", attempt: 0, at };
  const record = { type: "unreadable", status: "failed", createdAt: at, finishedAt: at, errors: [error] };
  const { job } = parseRecord(seq, `${JSON.stringify(record)}\nnull`);
  return { ...job, ...place };
}

/** The milliseconds since the epoch that a UUIDv7 begins with; 0 if it is none. */
export function uuidTime(uuid: string): number {
  const time = parseInt(uuid.slice(0, 8) + uuid.slice(9, 13), 16);
  return Number.isFinite(time) ? time : 0;
}
