import { InputRangeError } from "../errors.ts";

/** Where an expression could not be read, why, and what would work. */
export interface SyntaxFault {
  /** The whole expression, as given. */
  expression: string;
  /** The field by its name, `expression` if it is not about one. */
  field: string;
  /** Where it begins in the expression, counted from 0 as an index of the text. */
  column: number;
  /** What stands there; empty if nothing does. */
  found: string;
  /** What is wrong with it, `found` included. */
  problem: string;
  /** What may stand there. */
  allowed: string;
  /** The field, or the whole expression, as it would work; null if nobody can tell what was meant. */
  suggestion: string | null;
}

/** The longest part of an expression that a message repeats. */
const SHOWN = 60;
/** What else stands in the field may be refused next, and is not repeated if it cannot be right. */
const PLAIN = /^[\x20-\x7e]*$/;

/**
 * A cron expression that cannot be read. Nothing was changed.
 *
 * The message says where, what was found, and the form that works, or what is allowed where none can be guessed.
 *
 * @example Usage
 * ```ts
 * import { assertEquals, assertThrows } from "@std/assert";
 * import { CronSyntaxError, parseCron } from "../cron.ts";
 *
 * const error = assertThrows(() => parseCron("30 22-2 * * *"), CronSyntaxError);
 * assertEquals([error.field, error.column, error.suggestion], ["hour", 3, "22-23,0-2"]);
 * ```
 */
export class CronSyntaxError extends InputRangeError {
  readonly field: string;
  /** Where it begins in the expression, counted from 0 as an index of the text. */
  readonly column: number;
  /** What stands there; empty if nothing does. */
  readonly found: string;
  /** What may stand there. */
  readonly allowed: string;
  /** What to write instead: for the whole field, or for the whole expression if `field` is `expression`. */
  readonly suggestion: string | null;

  constructor({ expression, field, column, found, problem, allowed, ...fault }: SyntaxFault) {
    super("expression", "");
    const suggestion = fault.suggestion !== null && PLAIN.test(fault.suggestion) ? fault.suggestion : null;
    const fix = suggestion === null ? `allowed are ${allowed}` : `write ${suggestion}`;
    this.message = `Cannot parse ${field} (column ${column}) of ${quote(expression)}: ${problem}; ${fix}`;
    this.name = "CronSyntaxError";
    this.issues[0] = { path: "expression", message: this.message };
    this.field = field;
    this.column = column;
    this.found = found;
    this.allowed = allowed;
    this.suggestion = suggestion;
  }
}

/** Text for a message: on one line, and not much of it. */
export function quote(text: string): string {
  return JSON.stringify(text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text);
}
