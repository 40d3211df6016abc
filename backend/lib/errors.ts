/** One refused input: where it is and what is wrong with it. */
export interface InputIssue {
  /** The field, as the caller wrote it: `options.priority`, `[3].data`, `limit`. */
  path: string;
  /** What was found and what is allowed. */
  message: string;
}

/** A value of the wrong shape. Nothing was changed. */
export class InputTypeError extends TypeError {
  readonly code = "invalid_input";
  readonly issues: InputIssue[];

  constructor(path: string, message: string, options?: ErrorOptions) {
    super(`${path}: ${message}`, options);
    this.name = "InputTypeError";
    this.issues = [{ path, message }];
  }
}

/** A value of the right shape outside what is allowed. Nothing was changed. */
export class InputRangeError extends RangeError {
  readonly code = "invalid_input";
  readonly issues: InputIssue[];

  constructor(path: string, message: string, options?: ErrorOptions) {
    super(`${path}: ${message}`, options);
    this.name = "InputRangeError";
    this.issues = [{ path, message }];
  }
}

/** Either error that refuses a caller's input and names the field. */
export type InputError = InputTypeError | InputRangeError;

/** Tells a refused input from every other error. */
export function isInputError(error: unknown): error is InputError {
  return error instanceof InputTypeError || error instanceof InputRangeError;
}

/** Returns `error` with `prefix` before each path: `options` + `priority` gives `options.priority`. */
export function underPath(error: InputError, prefix: string): InputError {
  const [first, ...rest] = error.issues.map(({ path, message }): InputIssue => {
    return { path: path === "" ? prefix : `${prefix}.${path}`, message };
  });
  const { path, message } = first ?? { path: prefix, message: error.message };
  const Same = error instanceof InputTypeError ? InputTypeError : InputRangeError;
  const moved = new Same(path, message, { cause: error.cause });
  moved.issues.push(...rest);
  return moved;
}

/** What a caller may catch, told apart by a `code` that does not change between versions. */
export abstract class QueueError extends Error {
  abstract readonly code: string;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** No job, queue, worker, schedule, record, webhook, delivery or view of that name. */
export class NotFoundError extends QueueError {
  readonly code = "not_found";

  constructor(
    readonly kind: "job" | "queue" | "worker" | "schedule" | "record" | "webhook" | "delivery" | "view",
    readonly id: string,
  ) {
    super(`Cannot find ${kind} "${id}": there is none`);
  }
}

/** The job's status does not allow what was asked; the job is as it was. */
export class InvalidStatusError extends QueueError {
  readonly code = "invalid_status";

  constructor(readonly verb: string, readonly jobId: string, readonly status: string) {
    super(`Cannot ${verb} job "${jobId}": it is ${status}`);
  }
}

/** Another unfinished job holds the unique key; nothing was stored. */
export class UniqueConflictError extends QueueError {
  readonly code = "unique_conflict";
  /** The position in the array given to `addMany`, 0 for `add`. */
  index = 0;

  constructor(readonly key: string, readonly holderId: string) {
    super(`Cannot take unique key "${key}": job "${holderId}" holds it`);
  }
}

/** There are as many of a kind as there may be; nothing was stored. */
export abstract class LimitError extends QueueError {}

/** The store did not answer, or refused to write (a full disk, say). `cause` says why. */
export class StoreUnavailableError extends QueueError {
  readonly code = "store_unavailable";
}

/** The store or queue was closed before the call could be carried out. */
export class ClosedError extends QueueError {
  readonly code = "closed";

  constructor(what: string) {
    super(`Cannot use the ${what}: it is closed`);
  }
}

/** A running process already uses this worker id on this store. */
export class WorkerIdInUseError extends QueueError {
  readonly code = "worker_id_in_use";

  constructor(readonly workerId: string) {
    super(`Cannot start worker "${workerId}": a running process uses this id`);
  }
}

/** The reason a handler's signal aborts when its process was declared dead; the outcome is not stored. */
export class LeaseLostError extends QueueError {
  readonly code = "lease_lost";

  constructor(readonly jobId: string, options?: ErrorOptions) {
    super(`Cannot settle job "${jobId}": its lease has ended`, options);
  }
}

/** The reason a handler's signal aborts when its attempt ran longer than `timeout`. */
export class TimeoutError extends QueueError {
  readonly code = "timeout";

  constructor(readonly jobId: string, readonly ms: number) {
    super(`Job "${jobId}" ran longer than its timeout of ${ms} ms`);
  }
}

/** The reason a handler's signal aborts when somebody cancelled its job. */
export class CancelledError extends QueueError {
  readonly code = "cancelled";

  constructor(readonly jobId: string, reason = "somebody cancelled it") {
    super(`Job "${jobId}" was cancelled: ${reason}`);
  }
}

/** The reason a handler's signal aborts when its process stops and the drain timeout has passed. */
export class ShutdownError extends QueueError {
  readonly code = "shutdown";

  constructor(readonly jobId: string) {
    super(`Job "${jobId}" was given back: its worker is stopping`);
  }
}

/** A record changed since the version the caller read; nothing was written. */
export class VersionConflictError extends QueueError {
  readonly code = "version_conflict";

  constructor(readonly kind: string, readonly key: string) {
    super(`Cannot write ${kind} "${key}": it changed since it was read`);
  }
}
