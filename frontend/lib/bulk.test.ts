import { assertEquals } from "@std/assert";
import { filterFor, formatBulkCount, resultText } from "./bulk.ts";
import { parseFilter } from "./job-filter.ts";

Deno.test("filterFor() never asks for jobs that an action is not for", () => {
  assertEquals(filterFor("retry", parseFilter("type:email")), { status: ["failed"], type: "email" });
  assertEquals(filterFor("remove", parseFilter("status:failed status:running"))?.status, ["failed"]);
  assertEquals(filterFor("cancel", parseFilter("status:failed")), null);
  assertEquals(filterFor("cancel", []), { status: ["pending", "scheduled", "running", "retrying"] });
});

Deno.test("filterFor() takes every condition", () => {
  assertEquals(
    filterFor("retry", parseFilter("queue:a tag:b data.user.id=7 data.x=y createdBy:me some text")),
    {
      status: ["failed"],
      queue: "a",
      tag: "b",
      createdBy: "me",
      q: "some text",
      data: { "user.id": "7", x: "y" },
    },
  );
});

Deno.test("Counts and results say no more than is known", () => {
  assertEquals(formatBulkCount({ matched: 10_000, complete: false }), "10,000+");
  assertEquals(
    resultText("retry", { result: { changed: 41, skipped: 2, failed: 0 } }),
    "Retried 41 jobs; 2 had changed meanwhile",
  );
  assertEquals(resultText("remove", { result: null }), "Removed 0 jobs");
});
