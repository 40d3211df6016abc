import { assertEquals } from "@std/assert";
import { ApiError } from "./api.ts";
import { issuesOf, jobOf, type NewJobFields } from "./new-job.ts";

const FIELDS: NewJobFields = {
  type: " email:send ",
  data: '{"to":"ada"}',
  queue: "",
  priority: "",
  when: "now",
  tags: "",
  maxAttempts: "",
  jobId: "",
};

Deno.test("jobOf() leaves out what was not said", () => {
  assertEquals(jobOf(FIELDS), { job: { type: "email:send", data: { to: "ada" }, options: {} }, issues: {} });
});

Deno.test("jobOf() takes every field", () => {
  const fields = {
    ...FIELDS,
    queue: "mails",
    priority: "−5",
    maxAttempts: "3",
    tags: "vip, eu,",
    jobId: "x",
  };
  const options = { queue: "mails", priority: -5, maxAttempts: 3, tags: ["vip", "eu"], jobId: "x" };

  assertEquals(jobOf(fields).job?.options, options);
  assertEquals(jobOf({ ...FIELDS, when: "delay", delay: "5m", at: "" }).job?.options, { delay: "5m" });
  const at = "2026-03-05T18:30";
  assertEquals(jobOf({ ...FIELDS, when: "at", at }).job?.options, {
    scheduledAt: new Date(at).toISOString(),
  });
});

Deno.test("jobOf() says at the field what is wrong", () => {
  const { job, issues } = jobOf({ ...FIELDS, type: "", data: "{", priority: "x", when: "delay", delay: "" });

  assertEquals(job, null);
  assertEquals(Object.keys(issues).sort(), ["data", "delay", "priority", "type"]);
});

Deno.test("issuesOf() brings refusals to their fields", () => {
  const problem = {
    type: "about:blank",
    title: "",
    status: 400,
    code: "invalid_input",
    detail: "no",
  } as const;
  const errors = [
    { path: "options.tags[2]", message: "is too long" },
    { path: "options.scheduledAt", message: "is no time" },
    { path: "options.unique.key", message: "is missing" },
  ];

  assertEquals(issuesOf(new ApiError(400, { ...problem, errors })), {
    tags: "is too long",
    at: "is no time",
    form: "options.unique.key is missing",
  });
  assertEquals(issuesOf(new ApiError(503, problem)), null);
  assertEquals(issuesOf(new TypeError("failed to fetch")), null);
});
