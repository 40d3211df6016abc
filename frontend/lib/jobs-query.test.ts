import { assertEquals } from "@std/assert";
import { filterText } from "./job-filter.ts";
import { beginning, jobsPath, newerPage, olderPage, placeOf, queryIn, typedPath } from "./jobs-query.ts";

const read = (query: string) => queryIn(new URLSearchParams(query));

Deno.test("queryIn() takes what it does not understand for the usual", () => {
  assertEquals(read("limit=7&page=x&newer=a"), {
    conditions: [],
    limit: 15,
    cursor: null,
    page: 1,
    newer: [],
    kept: {},
  });
  assertEquals(read("limit=50&cursor=c&page=-3").page, 1);
});

Deno.test("jobsPath() says no more than is needed, and is read as the same", () => {
  const query = olderPage(olderPage(read("status=failed&limit=50&range=7d"), "one"), "two");

  assertEquals(jobsPath(read("")), "/admin/jobs");
  assertEquals(jobsPath(query), "/admin/jobs?status=failed&range=7d&limit=50&cursor=two&page=3&newer=.one");
  assertEquals(read(jobsPath(query).split("?")[1] ?? ""), query);
});

Deno.test("newerPage() goes back page by page, and to the beginning from where nobody knows", () => {
  const first = read("type=email");
  const second = olderPage(first, "one");

  assertEquals(newerPage(olderPage(second, "two")), second);
  assertEquals(newerPage(second), first);
  assertEquals(newerPage(read("type=email&cursor=two&page=3")), first);
});

Deno.test("The address of a page stays short however many pages are behind it", () => {
  let query = read("");
  for (let page = 0; page < 100; page++) query = olderPage(query, "x".repeat(100));

  assertEquals(query.page, 101);
  assertEquals(jobsPath(query).length < 1200, true);
});

Deno.test("typedPath() adds what was typed to the conditions, in place of their text", () => {
  const path = typedPath(new URLSearchParams("status=failed&q=old&limit=50&cursor=c&filter=new+type:email"));

  assertEquals(path, "/admin/jobs?status=failed&type=email&q=new&limit=50");
  assertEquals(typedPath(new URLSearchParams("status=failed&filter=")), "/admin/jobs?status=failed");
  assertEquals(typedPath(new URLSearchParams("q=status:failed")), null);
});

Deno.test("beginning() begins anew", () => {
  const query = beginning(olderPage(read("tag=a"), "one"), { limit: 200 });
  assertEquals([query.cursor, query.page, query.limit, filterText(query.conditions)], [
    null,
    1,
    200,
    "tag:a",
  ]);
});

Deno.test("placeOf() knows the place in line where the list is one", () => {
  assertEquals(placeOf(read("status=pending"), 0), 1);
  assertEquals(placeOf(olderPage(read("status=pending&queue=a&limit=50"), "one"), 2), 53);
  for (
    const query of ["", "queue=a", "status=pending&status=running", "status=pending&tag=x", "status=failed"]
  ) {
    assertEquals(placeOf(read(query), 0), null, query);
  }
});
