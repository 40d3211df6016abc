import { assert, assertEquals, assertInstanceOf } from "@std/assert";
import * as errors from "./errors.ts";

const ALL: [errors.QueueError, string][] = [
  [new errors.NotFoundError("job", "a"), "not_found"],
  [new errors.InvalidStatusError("retry", "a", "running"), "invalid_status"],
  [new errors.UniqueConflictError("k", "a"), "unique_conflict"],
  [new errors.StoreUnavailableError("Cannot reach the store: it is away"), "store_unavailable"],
  [new errors.ClosedError("store"), "closed"],
  [new errors.WorkerIdInUseError("mail-1"), "worker_id_in_use"],
  [new errors.LeaseLostError("a"), "lease_lost"],
  [new errors.TimeoutError("a", 5), "timeout"],
  [new errors.CancelledError("a"), "cancelled"],
  [new errors.ShutdownError("a"), "shutdown"],
  [new errors.VersionConflictError("schedule", "a"), "version_conflict"],
];

Deno.test("Every QueueError has a code of its own and its class's name", () => {
  for (const [error, code] of ALL) {
    assertInstanceOf(error, errors.QueueError);
    assertEquals(error.code, code);
    assertEquals(error.name, error.constructor.name);
  }
  assertEquals(new Set(ALL.map(([, code]) => code)).size, ALL.length);
});

Deno.test("Every message is a sentence without a full stop", () => {
  for (const [{ message }] of ALL) assert(/^[A-Z].*[^.]$/.test(message), message);
  assertEquals(
    new errors.InvalidStatusError("retry", "a", "running").message,
    'Cannot retry job "a": it is running',
  );
});

Deno.test("An error keeps its cause", () => {
  const cause = new Error("disk full");

  assertEquals(new errors.StoreUnavailableError("Cannot write", { cause }).cause, cause);
  assertEquals(new errors.LeaseLostError("a", { cause }).cause, cause);
  assertEquals(new errors.InputTypeError("data", "is no JSON", { cause }).cause, cause);
});

Deno.test("A refused input names the field, in its message and as an issue", () => {
  for (
    const [Type, base] of [[errors.InputTypeError, TypeError], [errors.InputRangeError, RangeError]] as const
  ) {
    const error = new Type("options.priority", "is 1001; it must be −1000…1000");
    assertInstanceOf(error, base);
    assertEquals(error.name, Type.name);
    assertEquals(error.code, "invalid_input");
    assertEquals(error.message, "options.priority: is 1001; it must be −1000…1000");
    assertEquals(error.issues, [{ path: "options.priority", message: "is 1001; it must be −1000…1000" }]);
    assertEquals(errors.isInputError(error), true);
  }
  for (const other of [new TypeError("x"), new RangeError("x"), ALL[0]![0], "x", null]) {
    assertEquals(errors.isInputError(other), false);
  }
});

Deno.test("underPath() puts a prefix before the path and keeps everything else", () => {
  const cause = new Error("why");
  const typed = errors.underPath(new errors.InputTypeError("priority", "is text", { cause }), "options");
  assertInstanceOf(typed, errors.InputTypeError);
  assertEquals([typed.issues[0]?.path, typed.cause], ["options.priority", cause]);

  const ranged = errors.underPath(
    errors.underPath(new errors.InputRangeError("", "is too long"), "data"),
    "[3]",
  );
  assertInstanceOf(ranged, errors.InputRangeError);
  assertEquals(ranged.message, "[3].data: is too long");

  const several = new errors.InputRangeError("a", "is too long");
  several.issues.push({ path: "b", message: "is too short" });
  assertEquals(errors.underPath(several, "c").issues.map(({ path }) => path), ["c.a", "c.b"]);
});
