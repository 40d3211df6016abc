/** How a handler asked for its attempt to end, by `snooze`, `fail` or `cancel`. */
export type Intent =
  | { kind: "snooze"; ms: number }
  | { kind: "fail"; reason: unknown }
  | { kind: "cancel"; reason: string };

/**
 * What `snooze`, `fail` and `cancel` throw to leave the handler. Catching it changes nothing: the attempt ends
 * as was asked.
 */
export class AttemptEnd extends Error {
  override readonly name = "AttemptEnd";

  constructor(readonly intent: Intent) {
    super(`The handler asked to ${intent.kind} its job`);
  }
}
