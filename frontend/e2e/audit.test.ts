import { assert, assertEquals } from "@std/assert";
import { fits, live, LOOKS, type Stage, testPage, violations } from "./stage.ts";

const HOSTILE = "<script>alert(1)</script>\u202e\u200b بيانات";

/** Changes of every kind that have a page, and one that is long. */
async function change(stage: Stage): Promise<void> {
  await stage.api("POST", "/jobs", {
    type: "a",
    data: { text: HOSTILE },
    options: { jobId: "j", delay: "2h" },
  });
  await stage.api("PATCH", "/jobs/j", { priority: 7 });
  await stage.api("POST", "/queues/mails/pause");
  await stage.api("PUT", `/views/${encodeURIComponent(HOSTILE)}`, { filter: HOSTILE });
  const job = { type: "a", data: { deep: [[[[[HOSTILE]]]]], long: "x".repeat(5000) } };
  await stage.api("POST", "/schedules", { name: "reports/nightly", expression: "0 3 * * *", job });
}

testPage("/admin/audit looks right to axe in both themes, on a phone and on a wide screen", async (stage) => {
  await change(stage);
  for (const look of LOOKS) {
    const page = await stage.look("/admin/audit", look);
    await live(page);
    for (const folded of await page.locator("details.rest > summary:visible").all()) await folded.click();

    assertEquals(await violations(page), [], JSON.stringify(look));
    assert(await fits(page), JSON.stringify(look));
  }
});

testPage(
  "/admin/audit says that there is more, and moves no row before somebody wants to see it",
  async (stage) => {
    await change(stage);
    const page = await stage.look("/admin/audit");
    await live(page);
    const entries = page.locator("[data-entry]");
    const before = await entries.count();

    await stage.api("POST", "/queues/mails/resume");
    await stage.api("POST", "/jobs", { type: "a", data: 1 }); // its count is told, which leads to a look
    const more = page.getByRole("button", { name: "Show 1 new" });
    await more.waitFor();
    assertEquals(await entries.count(), before);
    await more.click();
    await page.getByRole("link", { name: "queue.resume" }).waitFor();
    assertEquals(await entries.count(), before + 1);
  },
);

testPage(
  "/admin/audit can be filtered and read without scripts, and leads to what was changed",
  async (stage) => {
    await change(stage);
    const page = await stage.look("/admin/audit", { scripts: false, role: "viewer" });
    await page.getByLabel("Action, or what it is done to").fill("job");
    await page.getByLabel("Who").selectOption("admin");
    await page.getByRole("button", { name: "Filter" }).click();
    assertEquals(await page.locator("[data-entry]").count(), 1);
    assert(page.url().includes("action=job&"));

    await page.getByRole("link", { name: "Show all" }).click();
    await page.getByRole("link", { name: "All changes of reports/nightly" }).click();
    assertEquals(await page.locator("[data-entry]").count(), 1);
    await page.getByRole("link", { name: "reports/nightly", exact: true }).click();
    await page.getByRole("heading", { name: "reports/nightly", level: 1 }).waitFor();
  },
);
