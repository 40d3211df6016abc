import { checkFields, checkName } from "./check.ts";
import type { QueuePause } from "./store.ts";

/** The longest note: a sentence that fits beside the name of the queue. */
export const LONGEST_NOTE = 200;

/** Who pauses a queue, and why. */
export interface PauseOptions {
  /** A name for others to read, 1–255 characters. @default nobody is named */
  by?: string;
  /** Why, for others to read: one line of 1–200 characters. @default none */
  note?: string;
}

const FIELDS: ReadonlySet<keyof PauseOptions> = new Set(["by", "note"]);

/** Returns the pause that `options` ask for at `at`. @throws {InputTypeError | InputRangeError} An option is wrong. */
export function checkPause(options: PauseOptions, at: number): QueuePause {
  const { by, note } = checkFields(options, "options", FIELDS);
  return {
    at,
    by: by === undefined ? null : checkName(by, "by", 255),
    note: note === undefined ? null : checkName(note, "note", LONGEST_NOTE),
  };
}

/**
 * Returns the pause that stands when a queue with `before` is paused and this is `said`; null: nothing is known. Pure.
 * The first one does: that is since when the queue stands still. But another note takes its place, with who gave it: it
 * says how things are now.
 */
export function pauseAgain(before: QueuePause | null, said: QueuePause | null): QueuePause | null {
  if (before === null || said === null) return before ?? said;
  return said.note !== null && said.note !== before.note ? said : before;
}
