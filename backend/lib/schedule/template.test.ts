import { assertEquals, assertThrows } from "@std/assert";
import { defineJob } from "../define-job.ts";
import { InputRangeError, InputTypeError } from "../errors.ts";
import { changeTemplate, checkTemplate } from "./template.ts";

Deno.test("checkTemplate() copies a job, completes it and takes a definition's type", () => {
  const data = { at: new Date(0), list: [1] };
  const template = checkTemplate({ type: defineJob({ type: "t", run: () => 1 }), data });
  data.list.push(2);

  assertEquals(template, { type: "t", data: { at: "1970-01-01T00:00:00.000Z", list: [1] }, options: {} });
  assertEquals(checkTemplate({ type: "t" }).data, {});
});

Deno.test("checkTemplate() refuses options that the schedule decides, and what is wrong", () => {
  const wrong: [unknown, typeof InputTypeError | typeof InputRangeError, string][] = [
    [undefined, InputTypeError, "job: must be an object"],
    [{ type: "t", name: "x" }, InputTypeError, "job.name: is not a known field"],
    [{ data: 1 }, InputTypeError, "job.type: must be a string"],
    [{ type: "" }, InputRangeError, "job.type: must have 1 to 255 characters"],
    [{ type: "t", data: { n: 1n } }, InputTypeError, "job.data.n: must be JSON"],
    [{ type: "t", options: 5 }, InputTypeError, "job.options: must be an object"],
    [{ type: "t", options: { priority: 5000 } }, InputRangeError, "job.options.priority: must be from -1000"],
    [{ type: "t", options: { jobId: "x" } }, InputTypeError, "job.options.jobId: cannot be given"],
    [{ type: "t", options: { delay: 1 } }, InputTypeError, "job.options.delay: cannot be given"],
    [{ type: "t", options: { scheduledAt: 1 } }, InputTypeError, "job.options.scheduledAt: cannot be given"],
    [{ type: "t", options: { unique: { key: "k" } } }, InputTypeError, "job.options.unique: cannot be given"],
    [{ type: "t", data: "x".repeat(16_000) }, InputRangeError, "job: must be at most 15 KiB"],
  ];
  for (const [job, type, message] of wrong) assertThrows(() => checkTemplate(job), type, message);
});

Deno.test("changeTemplate() changes the fields given", () => {
  const job = checkTemplate({ type: "t", data: { n: 1 }, options: { priority: 5 } });

  assertEquals(changeTemplate(job, { data: 2 }), { type: "t", data: 2, options: { priority: 5 } });
  assertThrows(() => changeTemplate(job, { kind: "x" }), InputTypeError, "job.kind: is not a known field");
});
