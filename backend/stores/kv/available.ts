import { QueueError, StoreUnavailableError } from "../../lib/errors.ts";
import { isLocked } from "./committer.ts";

/** Runs `call`; what the database throws becomes a `StoreUnavailableError`, with the cause kept. */
export function available<T>(call: () => Promise<T>): Promise<T> {
  try {
    return call().catch(refuse);
  } catch (error) {
    return Promise.reject(error).catch(refuse);
  }
}

function refuse(error: unknown): never {
  if (error instanceof QueueError || error instanceof RangeError) throw error;
  if (error instanceof TypeError && !isLocked(error)) throw error;
  throw unavailable(error);
}

/** What the database threw, as callers are told. */
export function unavailable(cause: unknown): StoreUnavailableError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new StoreUnavailableError(`Cannot use the store: ${reason}`, { cause });
}
