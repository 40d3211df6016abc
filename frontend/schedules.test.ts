import { assert, assertEquals } from "@std/assert";
import { breakSchedule } from "../backend/testing/broken-schedule.ts";
import { postSchedule } from "../backend/testing/schedule-api.ts";
import { Pages } from "./testing/pages.ts";

/** The clock of the service begins at 2026-01-01T00:00:00Z; that of the pages is another, and what it says is not looked at. */
const UTC = { headers: { Cookie: "cronosaur-zone=UTC" } };

Deno.test("/admin/schedules tells of each schedule when it runs and how its runs went, without scripts", async () => {
  await using pages = new Pages({ app: { basePath: "/ops" } });
  const { api } = pages;
  await api.scheduler.create({
    name: "reports/nächtlich",
    expression: "30 2 * * MON-FRI",
    timezone: "America/New_York",
    missed: "all",
    overlap: "queue",
    job: { type: "report" },
  });
  await api.queue.cancel(await api.scheduler.trigger("reports/nächtlich"));
  await api.scheduler.create({ name: "off", expression: "@daily", enabled: false, job: { type: "a" } });

  const { status, html, text } = await pages.get("/admin/schedules", UTC);

  assertEquals(status, 200);
  assert(html.includes("<title>Schedules · Cronosaur</title>"));
  assert(html.includes('href="/ops/admin/schedules/reports%2Fn%C3%A4chtlich"'), html);
  assert(text.includes("At 02:30, Monday to Friday 30 2 * * MON-FRI America/New_York"), text);
  assert(text.includes("missed all · overlap queue"), text);
  assert(html.includes('title="2026-01-01 07:30:00 UTC"'), html);
  assert(html.includes('aria-label="The last run: 1 cancelled"'), html);
  assert(/off At 00:00, every day.* off never/.test(text), text);
});

Deno.test("/admin/schedules marks what was edited, what cannot be read, and what has a warning", async () => {
  await using pages = new Pages();
  const { api } = pages;
  api.scheduler.schedule("nightly", "0 3 * * *", () => {});
  await api.scheduler.runOnce();
  await api.scheduler.update("nightly", { expression: "0 4 * * *" }, { by: "ada" });
  await breakSchedule(api, "torn");
  await postSchedule(api, { name: "uneven", expression: "*/45 * * * *" });

  const { text } = await pages.get("/admin/schedules");

  assert(text.includes("nightly edited At 04:00"), text);
  assert(text.includes("torn broken 25 is out of range; allowed are 0-23 0 25 * * * UTC"), text);
  assert(text.includes("uneven 1 warning"), text);
});

Deno.test("Viewers of /admin/schedules change nothing, and try expressions", async () => {
  await using pages = new Pages();
  await postSchedule(pages.api);
  const buttons = async (path: string, role: "admin" | "viewer") => {
    const { html } = await pages.get(path, { role });
    return [
      ...html.matchAll(
        />Run now<|role="switch"|Remove|Save|Make schedule|name="q"|New schedule|Try|>Preview</g,
      ),
    ].map(([word]) => word);
  };

  assertEquals(await buttons("/admin/schedules", "admin"), [
    'name="q"',
    "New schedule",
    'role="switch"',
    ">Run now<",
    "Remove",
  ]);
  assertEquals(await buttons("/admin/schedules", "viewer"), ['name="q"', "Try", "Try"]);
  assertEquals(await buttons("/admin/schedules/nightly", "viewer"), ["Try"]);
  assertEquals((await buttons("/admin/schedules?edit=nightly", "viewer")).slice(3), ["Try", ">Preview<"]);
  const { html } = await pages.get("/admin/schedules?edit=nightly", { role: "viewer" });
  assert(html.includes('name="expression"') && !html.includes("edit-data") && !html.includes("edit-missed"));
});

Deno.test("/admin/schedules?edit=… explains what the address says, without scripts", async () => {
  await using pages = new Pages();
  await postSchedule(pages.api, { timezone: "America/New_York" });

  const moved = await pages.get("/admin/schedules?edit=nightly&expression=30+2+8+3+*");
  assert(moved.text.includes("At 02:30, on day 8 of the month, in March (America/New_York)"), moved.text);
  assert(/Sun, Mar 8(, \d{4})? has no 02:30/.test(moved.text), moved.text);
  assert(
    moved.text.includes("Clocks in New York go from 02:00 to 03:00. It runs once, at 03:00."),
    moved.text,
  );
  assert(/Sun, Mar 8(, \d{4})?, 03:00 moved/.test(moved.text), moved.text);
  const skipped = await pages.get("/admin/schedules?edit=nightly&expression=30+2+8+3+*&dst=skip");
  assert(/Sun, Mar 8(, \d{4})?, 02:30 skipped/.test(skipped.text), skipped.text);

  const wrong = await pages.get("/admin/schedules?new=1&expression=30+22-2+*+*+*");
  assert(wrong.text.includes("Hour, column 4: range 22-2 runs backwards"), wrong.text);
  assert(wrong.text.includes("Write 30 22-23,0-2 * * *"), wrong.text);
  const nowhere = await pages.get("/admin/schedules?new=1&timezone=Europe/Pari");
  assert(nowhere.text.includes("Europe/Paris"), nowhere.text);
});

Deno.test("/admin/schedules says so where there is nothing, and nothing is lost on the way to a next page", async () => {
  await using pages = new Pages();
  assert((await pages.get("/admin/schedules")).text.includes("No schedules so far"));

  await pages.api.scheduler.create({ name: "only", expression: "@daily", job: { type: "a" } });
  assert((await pages.get("/admin/schedules?q=other")).text.includes("No such schedules"));
  assert((await pages.get("/admin/schedules?edit=gone")).text.includes("1 schedule"));

  for (let i = 0; i < 50; i++) {
    await pages.api.scheduler.create({ name: `s${i}`, expression: "@daily", job: { type: "a" } });
  }
  const first = await pages.get("/admin/schedules?q=daily");
  const href =
    /href="(\/admin\/schedules\?[^"]*cursor=[^"]*)"/.exec(first.html)?.[1]?.replaceAll("&amp;", "&") ?? "";
  assert(href.includes("q=daily") && first.text.includes("50 schedules on this page"), href);
  const second = await pages.get(href);
  assert(second.text.includes("1 schedule on this page") && second.text.includes("First page"), second.text);
});

Deno.test("/admin/schedules/:name tells all about one: times, runs with their jobs, data, and who changed it", async () => {
  await using pages = new Pages();
  const { api } = pages;
  const name = "reports/nächtlich <b>";
  await postSchedule(api, {
    name,
    timezone: "Europe/Paris",
    jitter: "30s",
    maxRuns: 9,
    job: { type: "report", data: { to: "ada", password: "hunter2" }, options: { tags: ["daily"] } },
  });
  const jobId = await api.scheduler.trigger(name);
  const path = `/api/admin/schedules/${encodeURIComponent(name)}`;
  await api.call("PATCH", path, { body: { expression: "0 4 * * *" } });
  await api.call("POST", `${path}/trigger`);

  const { status, html, text } = await pages.get(`/admin/schedules/${encodeURIComponent(name)}`);

  assertEquals(status, 200);
  assert(html.includes("reports/nächtlich &lt;b> · Schedules · Cronosaur</title>"), html.slice(0, 600));
  assert(text.includes("At 04:00, every day 0 4 * * * Europe/Paris"), text);
  assert(/Next times Europe\/Paris Thu, Jan 1(, 2026)?, 04:00 Fri, Jan 2/.test(text), text);
  assert(html.includes(`href="/admin/jobs/${encodeURIComponent(jobId)}"`), html);
  assert(text.includes("Last 2 runs: 2 pending") && text.includes("by hand"), text);
  assert(text.includes("Later by up to 30 s") && text.includes("Runs at most 9"), text);
  assert(text.includes("admin changed it") && text.includes("expression: 0 3 * * * 0 4 * * *"), text);
  assert(text.includes("admin made it") && text.includes("admin ran it"), text);
  assert(text.includes("ada") && !html.includes("hunter2"), text);
});

Deno.test("/admin/schedules/:name of one that was edited says what code says", async () => {
  await using pages = new Pages();
  const { api } = pages;
  api.scheduler.schedule("nightly", "0 3 * * *", () => {});
  await api.scheduler.runOnce();
  await api.scheduler.update("nightly", { expression: "0 4 * * *", timezone: "Asia/Tokyo" }, { by: "ada" });

  const { text } = await pages.get("/admin/schedules/nightly");
  assert(text.includes("Code says 0 3 * * *, time zone UTC. Changed by ada"), text);
  assert(text.includes("Back to code"), text);
  assert(text.includes("Its handler is in code."), text);
  const viewer = await pages.get("/admin/schedules/nightly", { role: "viewer" });
  assert(viewer.text.includes("Code says 0 3 * * *") && !viewer.text.includes("Back to code"), viewer.text);
});

Deno.test("/admin/schedules/:name answers 404 for names of none, and shows one that is broken", async () => {
  await using pages = new Pages();
  for (const name of ["gone", "%zz", "%00", "a".repeat(200)]) {
    assertEquals((await pages.get(`/admin/schedules/${name}`)).status, 404, name);
  }
  await breakSchedule(pages.api, "torn");
  const { status, text } = await pages.get("/admin/schedules/torn?edit");
  assertEquals(status, 200);
  assert(text.includes("It fires nothing until it is mended"), text);
  assert(text.includes("Hour, column 3: 25 is out of range"), text);
});
