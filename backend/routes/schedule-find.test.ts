import { assertEquals } from "@std/assert";
import { MemoryStore } from "../stores/memory.ts";
import { Api } from "../testing/api.ts";
import { breakSchedule } from "../testing/broken-schedule.ts";
import { listSchedules, postSchedule, type SchedulePage, SCHEDULES } from "../testing/schedule-api.ts";
import type { JobView } from "./job-view.ts";
import type { ScheduleView } from "./schedule-view.ts";

Deno.test("GET /schedules lists by name, in pages that others cannot shift", async () => {
  await using api = new Api();
  for (const name of ["d", "b", "ä", "a", "😀"]) await postSchedule(api, { name });

  const names = ({ data }: SchedulePage) => data.map(({ name }) => name);
  assertEquals(names(await listSchedules(api)), ["a", "b", "d", "ä", "😀"]);
  const first = await listSchedules(api, "?limit=2");
  assertEquals(names(first), ["a", "b"]);
  await postSchedule(api, { name: "c" });
  await api.scheduler.remove("a");
  const second = await listSchedules(api, `?limit=2&cursor=${first.nextCursor}`);
  assertEquals(names(second), ["c", "d"]);
  const third = await listSchedules(api, `?limit=2&cursor=${second.nextCursor}`);
  assertEquals([names(third), third.nextCursor], [["ä", "😀"], null]);
});

Deno.test("GET /schedules filters by state and text", async () => {
  await using api = new Api();
  await postSchedule(api, { name: "one" });
  await postSchedule(api, {
    name: "two",
    enabled: false,
    job: { type: "mail:digest", data: { note: "report" } },
  });
  await postSchedule(api, { name: "three", expression: "0 0 31 2 *" });
  await breakSchedule(api, "four");
  const cases: [string, string[]][] = [
    ["?state=disabled", ["two"]],
    ["?state=ended&state=broken", ["four", "three"]],
    ["?q=DIGEST", ["two"]],
    ["?q=report", ["four", "one", "three"]], // the type; data is not searched
    ["?q=31+2", ["three"]],
    ["?q=never", ["three"]],
    ["?state=active&q=w", []],
  ];
  for (const [query, names] of cases) {
    assertEquals((await listSchedules(api, query)).data.map(({ name }) => name), names, query);
  }
});

Deno.test("Names of any printable characters lead to their schedule, percent-encoded", async () => {
  await using api = new Api();
  for (
    const name of ["a/b", "ü ß", "100%", "%2F", "__proto__", "?x=1#y", "../x", "a/trigger", "😀", "a:b@c;d"]
  ) {
    const { headers, status } = await postSchedule(api, { name });
    assertEquals(status, 201, name);
    const path = `${SCHEDULES}/${encodeURIComponent(name)}`;
    assertEquals(headers.get("Location"), path);
    assertEquals((await api.call<ScheduleView>("GET", path)).body.name, name);
    assertEquals((await api.call("GET", `${path}/upcoming`)).status, 200, name);
    const { body } = await api.call<{ jobId: string }>("POST", `${path}/trigger`);
    assertEquals((await api.call<JobView>("GET", `/api/admin/jobs/${body.jobId}`)).body.type, "report", name);
    assertEquals((await api.call("DELETE", path)).status, 204, name);
  }
});

Deno.test("Names that no schedule has or can have are unknown, however they are written", async () => {
  await using api = new Api();
  await postSchedule(api);
  const names = [
    "none",
    "..%2fnightly",
    "%2e%2e%2fnightly",
    "%zz",
    "a%00b",
    "a".repeat(5000),
    "%20nightly",
    "nightly%0a",
  ];
  const asked = new Set<string>();
  api.store.record = (kind, key) => {
    if (kind === "schedule") asked.add(key);
    return MemoryStore.prototype.record.call(api.store, kind, key);
  };
  for (const name of [".", "..", "%2e%2e", ""]) { // these end at other paths, where nothing is
    assertEquals((await api.call("GET", `${SCHEDULES}/${name}`)).status, 404, name);
  }
  for (const name of names) {
    const path = `${SCHEDULES}/${name}`;
    assertEquals(await api.refusal("GET", path), [404, "not_found"], name);
    assertEquals(await api.refusal("PATCH", path, { body: { enabled: false } }), [404, "not_found"], name);
    assertEquals(await api.refusal("DELETE", path), [404, "not_found"], name);
    for (const verb of ["trigger", "enable", "disable", "revert"]) {
      assertEquals(await api.refusal("POST", `${path}/${verb}`), [404, "not_found"], `${name} ${verb}`);
    }
    assertEquals(await api.refusal("GET", `${path}/upcoming`), [404, "not_found"], name);
  }
  assertEquals([...asked], ["none", "../nightly", "%zz"]); // the others are not worth a read
});
