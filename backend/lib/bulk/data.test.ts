import { assertEquals } from "@std/assert";
import { isInputError } from "../errors.ts";
import { checkBulk } from "./data.ts";

Deno.test("checkBulk() refuses what says nothing, too much or what cannot be", () => {
  const refused = (data: unknown): [string, string] => {
    try {
      checkBulk(data);
    } catch (error) {
      if (isInputError(error)) return [error.name, error.issues[0]?.path ?? ""];
    }
    return ["nothing", ""];
  };
  const retry = { action: "retry" };

  assertEquals(refused({ action: "pause", ids: ["a"] }), ["InputRangeError", "action"]);
  assertEquals(refused({ ids: ["a"] }), ["InputTypeError", "action"]);
  assertEquals(refused(retry), ["InputTypeError", "filter"]);
  assertEquals(refused({ ...retry, ids: ["a"], filter: { type: "a" } }), ["InputTypeError", "filter"]);
  assertEquals(refused({ ...retry, ids: [] }), ["InputRangeError", "ids"]);
  assertEquals(refused({ ...retry, ids: Array(1001).fill("a") }), ["InputRangeError", "ids"]);
  assertEquals(refused({ ...retry, ids: ["a", "b/c"] }), ["InputRangeError", "ids[1]"]);
  assertEquals(refused({ ...retry, ids: ["a", 1] }), ["InputRangeError", "ids[1]"]);
  assertEquals(refused({ ...retry, filter: {} }), ["InputRangeError", "filter"]);
  assertEquals(refused({ ...retry, filter: { redact: ["a"] } }), ["InputRangeError", "filter"]);
  assertEquals(refused({ ...retry, filter: { typ: "a" } }), ["InputTypeError", "filter.typ"]);
  assertEquals(refused({ ...retry, filter: { status: ["pending"] } }), ["InputRangeError", "filter.status"]);
  assertEquals(refused({ action: "cancel", filter: { status: ["failed"] } }), [
    "InputRangeError",
    "filter.status",
  ]);
  assertEquals(checkBulk({ ...retry, ids: ["a", "a"] }), { action: "retry", ids: ["a"] });
});
