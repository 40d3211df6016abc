import { assert, assertEquals } from "@std/assert";
import { fits, live, LOOKS, type Stage, testPage, violations } from "./stage.ts";

/** What may stand in a name or in data and must do nothing. */
const HOSTILE = "<script>alert(1)</script> \u202Eevil\u200B שלום";

async function addSchedules(stage: Stage): Promise<void> {
  const add = (schedule: unknown) => stage.api("POST", "/schedules", schedule);
  const data = {
    html: HOSTILE,
    password: "hunter2",
    deep: { er: [{ still: { deeper: "x".repeat(5000) } }] },
  };
  await add({
    name: "daily-report",
    expression: "30 2 * * *",
    timezone: "America/New_York",
    job: { type: "report:daily", data },
  });
  await add({ name: HOSTILE, expression: "*/45 * * * *", job: { type: "a" } });
  await add({ name: "long-".repeat(20), expression: "0 0 31 2 *", enabled: false, job: { type: "a" } });
  await stage.api("PATCH", "/schedules/cleanup%3Aold-jobs", { expression: "0 4 * * *" });
  await stage.api("POST", "/schedules/daily-report/trigger");
}

function rowOf(page: Awaited<ReturnType<Stage["look"]>>, name: string) {
  return page.getByRole("row").filter({ has: page.getByRole("link", { name, exact: true }) });
}

testPage(
  "Pages of schedules look right to axe in both themes, on a phone and on a wide screen",
  async (stage) => {
    await addSchedules(stage);
    const panel = "edit=daily-report&expression=30+2+*+3+*";
    for (const look of LOOKS) {
      const page = await stage.look(`/admin/schedules?${panel}`, look);
      for (
        const path of [
          null,
          "/admin/schedules?new=1&expression=30+22-2+*+*+*",
          "/admin/schedules/daily-report",
          `/admin/schedules/${encodeURIComponent(HOSTILE)}?edit`,
          "/admin/schedules/cleanup%3Aold-jobs",
        ]
      ) {
        if (path !== null) await page.goto(stage.url + path);
        await live(page);
        assertEquals(await violations(page), [], `${path} ${JSON.stringify(look)}`);
        assert(await fits(page), `${path} ${JSON.stringify(look)}`);
      }
      await page.context().close();
    }
  },
);

testPage("/admin/schedules switches, runs and removes at once, and shows what others do", async (stage) => {
  await addSchedules(stage);
  const page = await stage.look("/admin/schedules");
  await live(page);
  const row = rowOf(page, "daily-report");

  await row.getByRole("switch").click();
  await row.getByText("off", { exact: true }).waitFor();
  assertEquals(await row.getByRole("switch").getAttribute("aria-checked"), "false");
  await stage.api("POST", "/schedules/daily-report/enable");
  await row.getByText(/^in \d+/).waitFor();
  assertEquals(await row.getByRole("switch").getAttribute("aria-checked"), "true");

  await row.getByRole("img", { name: "The last run: 1 pending" }).waitFor();
  await row.getByRole("button", { name: "Run now: daily-report" }).click();
  await page.getByText("Added a job of daily-report").waitFor();
  await row.getByRole("img", { name: "Last 2 runs: 2 pending" }).waitFor();
  const { runs } = await stage.api<{ runs: { jobId: string }[] }>("GET", "/schedules/daily-report");
  await stage.api("POST", `/jobs/${encodeURIComponent(runs[0]?.jobId ?? "")}/cancel`);
  await row.getByRole("img", { name: "Last 2 runs: 1 cancelled, 1 pending" }).waitFor();

  await row.getByRole("button", { name: "Remove daily-report…" }).click();
  await page.getByRole("button", { name: "Keep it" }).click();
  await row.getByRole("button", { name: "Remove daily-report…" }).click();
  await page.getByRole("button", { name: "Remove 1 schedule" }).click();
  await row.waitFor({ state: "detached" });
  await stage.api("POST", "/schedules", { name: "by-another", expression: "@daily", job: { type: "a" } });
  await rowOf(page, "by-another").waitFor();
});

testPage("/admin/schedules takes back what the service refuses, and says why", async (stage) => {
  await addSchedules(stage);
  const page = await stage.look("/admin/schedules?edit=daily-report");
  await live(page);
  const row = rowOf(page, "daily-report");

  await page.context().clearCookies();
  await row.getByRole("switch").click();
  await page.getByRole("alert").getByText("Cannot disable daily-report: ").waitFor();
  assertEquals(await row.getByRole("switch").getAttribute("aria-checked"), "true");
  await page.getByLabel("Later by up to").evaluate((field: HTMLInputElement) => field.form?.requestSubmit());
  assertEquals((await stage.api<{ enabled: boolean }>("GET", "/schedules/daily-report")).enabled, true);
  // The browser itself notes each answer of 401.
  const others = stage.messages.splice(0).filter((message) => !message.includes("401"));
  assertEquals(others, []);
});

testPage("The editor explains while one types, mends, saves, and goes back to code", async (stage) => {
  const page = await stage.look("/admin/schedules");
  await live(page);
  await page.getByRole("link", { name: "Edit cleanup:old-jobs" }).click();
  await live(page);
  const editor = page.getByRole("form", { name: "Edit cleanup:old-jobs" });
  const expression = editor.getByRole("textbox", { name: "Expression" });
  await editor.getByText("At 03:00, every day").waitFor();

  await expression.fill("30 22-2 * * *");
  await editor.getByText("Hour, column 4: range 22-2 runs backwards").waitFor();
  await editor.getByRole("button", { name: "Write 30 22-23,0-2 * * *" }).click();
  await editor.getByText("range 22-2").waitFor({ state: "detached" });
  assertEquals(await expression.inputValue(), "30 22-23,0-2 * * *");
  assertEquals(await editor.getByRole("listitem").count(), 10);

  await expression.fill("30 2 8-14 3 *");
  await editor.getByLabel("Time zone").fill("America/New_York");
  await editor.getByText("(America/New_York)").waitFor();
  await editor.getByText(/has no 02:30$/).first().waitFor();
  await editor.getByLabel("Clock changes").selectOption("skip");
  await editor.getByText("skipped").waitFor();
  await editor.getByLabel("Time zone").fill("Europe/Pari");
  await editor.getByRole("alert").getByText("Europe/Paris").waitFor();
  await editor.getByLabel("Time zone").fill("Europe/Paris");
  await editor.getByLabel("Still running").selectOption("queue");
  await editor.getByText("Limits").click();
  await editor.getByLabel("Later by up to").fill("never");
  await editor.getByRole("button", { name: "Save changes" }).click();
  await editor.getByRole("alert").getByText("must be milliseconds or like").waitFor();
  // The browser itself notes that this was refused. What is being typed is not.
  assertEquals(stage.messages.splice(0).map((message) => /status of (\d+)/.exec(message)?.[1]), ["400"]);
  await editor.getByLabel("Later by up to").fill("90s");
  await editor.getByRole("button", { name: "Save changes" }).click();

  await page.getByText("Saved cleanup:old-jobs: At 02:30").waitFor();
  await rowOf(page, "cleanup:old-jobs").getByText("edited").waitFor();
  const stored = await stage.api<Record<string, unknown>>("GET", "/schedules/cleanup%3Aold-jobs");
  assertEquals(
    [stored.expression, stored.timezone, stored.dst, stored.overlap, stored.jitter],
    ["30 2 8-14 3 *", "Europe/Paris", "skip", "queue", 90_000],
  );
  await editor.getByText("Code says 0 3 * * *, time zone UTC").waitFor();
  await editor.getByRole("button", { name: "Back to code" }).click();
  await editor.getByText("At 03:00, every day").waitFor();
  await rowOf(page, "cleanup:old-jobs").getByText("edited").waitFor({ state: "detached" });
});

testPage("The editor makes a schedule, says which field is wrong, and leads to its page", async (stage) => {
  await addSchedules(stage);
  const page = await stage.look("/admin/schedules");
  await live(page);
  await page.getByRole("link", { name: "New schedule…" }).click();
  await live(page);
  const editor = page.getByRole("form", { name: "New schedule" });
  const make = editor.getByRole("button", { name: "Make schedule" });

  await editor.getByLabel("Name").fill("daily-report");
  await editor.getByLabel("Type").fill("email:digest");
  await editor.getByLabel("Data, as JSON").fill("{ nope");
  await make.click();
  await editor.getByRole("alert").getByText("is no JSON").waitFor();
  await editor.getByLabel("Data, as JSON").fill('{ "to": "ada" }');
  await editor.getByLabel("Options, as JSON").fill('{ "delay": "1h" }');
  await make.click();
  await editor.getByRole("alert").getByText("the schedule decides when it is due").waitFor();
  await editor.getByLabel("Options, as JSON").fill('{ "tags": ["vip"] }');
  await make.click();
  await editor.getByRole("alert").getByText("is taken already").waitFor();
  // The browser itself notes each answer that is no success.
  const others = stage.messages.splice(0).filter((message) => !/status of 4(00|09)/.test(message));
  assertEquals(others, []);
  await editor.getByLabel("Name").fill("digests/äöü");
  await make.click();

  await page.getByRole("heading", { name: "digests/äöü" }).waitFor();
  await live(page);
  assert(page.url().endsWith("/ops/admin/schedules/digests%2F%C3%A4%C3%B6%C3%BC"), page.url());
  await page.getByText("At 03:00, every day").waitFor();
  const stored = await stage.api<{ job: unknown }>("GET", "/schedules/digests%2F%C3%A4%C3%B6%C3%BC");
  assertEquals(stored.job, { type: "email:digest", data: { to: "ada" }, options: { tags: ["vip"] } });
});

testPage(
  "/admin/schedules/:name runs, switches, edits in place, and goes when it is removed",
  async (stage) => {
    await addSchedules(stage);
    const page = await stage.look("/admin/schedules/daily-report");
    await live(page);

    const fold = page.locator(".json details").first();
    await fold.getByText("deep", { exact: true }).click();
    await page.getByRole("button", { name: "Run now: daily-report" }).click();
    await page.getByRole("paragraph").getByText("Last 2 runs: 2 pending").waitFor();
    assertEquals(await fold.getAttribute("open"), null); // what has not changed stays as one left it
    await page.getByRole("table").getByRole("link").first().waitFor();
    await page.getByRole("switch").click();
    await page.getByRole("heading", { name: "It would run" }).waitFor();
    await page.getByText("admin switched it off").waitFor();

    await page.getByRole("link", { name: "Edit", exact: true }).click();
    await live(page);
    await page.getByRole("textbox", { name: "Expression" }).fill("0 5 * * *");
    await page.getByRole("button", { name: "Save changes" }).click();
    await page.getByText("expression: 30 2 * * * 0 5 * * *").waitFor();
    const { job } = await stage.api<{ job: { data: { html: string } } }>("GET", "/schedules/daily-report");
    assertEquals(job.data.html, HOSTILE);

    await page.getByRole("button", { name: "Remove…" }).click();
    await page.getByRole("button", { name: "Remove 1 schedule" }).click();
    await page.getByRole("heading", { name: "Schedules", exact: true }).waitFor();
    await live(page);
  },
);

testPage("Pages of schedules can be read without scripts, and expressions be tried", async (stage) => {
  await addSchedules(stage);
  const plain = await stage.look("/admin/schedules", { scripts: false, role: "viewer" });
  await rowOf(plain, "daily-report").getByText("At 02:30, every day").waitFor();
  await plain.getByRole("link", { name: "Try another time for daily-report" }).click();
  await plain.getByRole("textbox", { name: "Expression" }).fill("0 12 * * MON");
  await plain.getByRole("button", { name: "Preview" }).click();
  await plain.getByText("At 12:00, on Monday").waitFor();
  await plain.getByRole("link", { name: "Close", exact: true }).click();
  await plain.getByRole("link", { name: "daily-report", exact: true }).click();
  await plain.getByRole("heading", { name: "Last runs" }).waitFor();
});

testPage("Viewers see no action on pages of schedules, and the preview works for them", async (stage) => {
  await addSchedules(stage);
  const page = await stage.look("/admin/schedules?edit=daily-report", { role: "viewer" });
  await live(page);
  await page.getByRole("textbox", { name: "Expression" }).fill("0 12 * * MON");
  await page.getByText("At 12:00, on Monday").waitFor();
  const actions = /Run|Remove|Save|Make|Back to code/;
  assertEquals(await page.locator("main").getByRole("button", { name: actions }).count(), 0);
  assertEquals(await page.getByRole("switch").count(), 0);
  await page.goto(`${stage.url}/admin/schedules/cleanup%3Aold-jobs`);
  await live(page);
  assertEquals(await page.locator("main").getByRole("button", { name: actions }).count(), 0);
  assertEquals(await page.getByRole("switch").count(), 0);
});
