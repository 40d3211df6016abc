import { assertEquals } from "@std/assert";
import { jobLogsSchema, oldFilesSchema, oldJobsSchema, plainSchema } from "./data.ts";

type Schema = typeof jobLogsSchema | typeof oldFilesSchema | typeof oldJobsSchema | typeof plainSchema;

/** What is wrong with `data`: fields and messages. */
function refused(schema: Schema, data: unknown): string[] {
  const issues = schema.safeParse(data).error?.issues ?? [];
  return issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
}

const DAYS = "olderThanDays: must be a number of days from 0 to";

Deno.test("oldFilesSchema accepts a directory and days, and is no dry run unless told", () => {
  for (const olderThanDays of [0, 0.5, 30, 36_500]) {
    assertEquals(oldFilesSchema.parse({ directory: "./tmp", olderThanDays }), {
      directory: "./tmp",
      olderThanDays,
      dryRun: false,
    });
  }
  assertEquals(oldFilesSchema.parse({ directory: " a\nb", olderThanDays: 1, dryRun: true }).dryRun, true);
});

Deno.test("oldFilesSchema refuses bad input by field", () => {
  const good = { directory: "/tmp", olderThanDays: 1 };
  const bad: [unknown, string[]][] = [
    [{ ...good, directory: "" }, ["directory: must not be empty"]],
    [{ ...good, directory: "/tmp\0/etc" }, ["directory: must have no NUL character"]],
    [{ ...good, directory: "x".repeat(4_097) }, ["directory: must have at most 4096 characters"]],
    [{ olderThanDays: 1 }, ["directory: must be a string"]],
    [{ directory: "/tmp" }, [`${DAYS} 36500`]],
    [{ ...good, dryRun: "true" }, ["dryRun: must be true or false"]],
    [{ directory: 1, olderThanDays: "1" }, ["directory: must be a string", `${DAYS} 36500`]],
  ];
  for (const directory of [1, null, ["/tmp"], {}]) {
    bad.push([{ ...good, directory }, ["directory: must be a string"]]);
  }
  for (const olderThanDays of [-1, -0.001, 36_500.1, NaN, Infinity, -Infinity, "1", null, [1], 1n]) {
    bad.push([{ ...good, olderThanDays }, [`${DAYS} 36500`]]);
  }
  for (const [data, problems] of bad) assertEquals(refused(oldFilesSchema, data), problems);
  assertEquals(refused(oldFilesSchema, { ...good, recursive: false }).length, 1);
  for (const data of [null, undefined, "x", []]) assertEquals(refused(oldFilesSchema, data).length, 1);
});

Deno.test("jobLogsSchema takes days up to ten years", () => {
  assertEquals(jobLogsSchema.parse({ olderThanDays: 3_650 }), { olderThanDays: 3_650, dryRun: false });
  for (const olderThanDays of [undefined, -1, 3_651, NaN, "7"]) {
    assertEquals(refused(jobLogsSchema, { olderThanDays }), [`${DAYS} 3650`]);
  }
});

Deno.test("oldJobsSchema needs nothing, and takes days and a final status", () => {
  assertEquals(oldJobsSchema.parse({}), { dryRun: false });
  assertEquals(oldJobsSchema.parse({ olderThanDays: 1, status: "failed" }).status, "failed");
  assertEquals(refused(oldJobsSchema, { olderThanDays: -1, status: "pending" }), [
    `${DAYS} 3650`,
    "status: must be one of completed, failed, cancelled",
  ]);
});

Deno.test("plainSchema takes a dry run and nothing else", () => {
  assertEquals(plainSchema.parse({}), { dryRun: false });
  assertEquals(plainSchema.parse({ dryRun: true }), { dryRun: true });
  assertEquals(refused(plainSchema, { directory: "/" }).length, 1);
});
