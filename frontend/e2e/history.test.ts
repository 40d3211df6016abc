import { assert, assertEquals } from "@std/assert";
import { live, type Page, type Stage, testPage, violations } from "./stage.ts";

const ROLES = ["admin", "viewer"] as const;

/** Where the page stands, without where the dashboard is mounted. */
function placeOf(page: Page): string {
  const { pathname, search } = new URL(page.url());
  return pathname.replace("/ops", "") + search;
}

async function addMany(stage: Stage): Promise<string[]> {
  const job = (i: number) => ({ type: "email:welcome", data: { i }, options: { queue: "held" } });
  await stage.api("POST", "/queues/held/pause");
  const { ids } = await stage.api<{ ids: string[] }>(
    "POST",
    "/jobs",
    Array.from({ length: 40 }, (_, i) => job(i)),
  );
  return ids;
}

/** Pages that have dialogs: what their addresses are, what opens one, and its title. */
const DIALOGS = [
  ["/admin/jobs?type=email", "/admin/jobs?type=email&do=new", "New job", "New job"],
  ["/admin/jobs", "/admin/jobs?do=clean-up", "Clean up…", "Clean up finished jobs"],
  ["/admin/webhooks", "/admin/webhooks?do=new", "New endpoint…", "New endpoint"],
] as const;

for (const [closed, opened, opener, title] of DIALOGS) {
  testPage(`The dialog of ${opened} opens and closes by its address, back and forward`, async (stage) => {
    const page = await stage.look("/health/live");
    await page.goto(stage.url + closed);
    await live(page);
    const dialog = page.getByRole("dialog", { name: title });
    await page.getByRole("button", { name: opener }).click();
    await dialog.waitFor();
    assertEquals(placeOf(page), opened);

    await page.goBack();
    await dialog.waitFor({ state: "detached" });
    assertEquals(placeOf(page), closed);
    await page.goForward();
    await dialog.waitFor();
    await page.keyboard.press("Escape");
    await page.waitForURL(stage.url + closed);
    await page.getByRole("button", { name: opener }).click();
    await dialog.getByRole("button", { name: /^(Cancel|Keep them)$/ }).click();
    await page.waitForURL(stage.url + closed);
    await page.goBack(); // closing left nothing to go back over
    await page.waitForURL("**/health/live");
  });

  testPage(
    `The dialog of ${opened} stays when it is opened in the moment it was taken away`,
    async (stage) => {
      const page = await stage.look(closed);
      await live(page);
      const dialog = page.getByRole("dialog", { name: title });
      await page.getByRole("button", { name: opener }).click();
      await dialog.waitFor();

      // What closes tells of it in a task of its own: here in one behind the dialog that comes next.
      await page.evaluate(async () => {
        const old = document.querySelector("dialog");
        const until = async (isSo: () => boolean) => {
          while (!isSo()) await new Promise(requestAnimationFrame);
        };
        history.back();
        await until(() => !old?.isConnected);
        history.forward();
        await until(() => document.querySelector("dialog[open]") !== null);
        old?.dispatchEvent(new Event("close"));
        await new Promise(requestAnimationFrame);
      });

      await dialog.waitFor();
      assertEquals(placeOf(page), opened);
    },
  );

  testPage(`${opened} is a link to the dialog, for admins`, async (stage) => {
    for (const theme of ["light", "dark"] as const) {
      const page = await stage.look(opened, { theme });
      await page.getByRole("dialog", { name: title }).waitFor();
      assertEquals(await violations(page), []);
      await page.getByRole("dialog").getByRole("button", { name: /^(Cancel|Keep them)$/ }).click();
      await page.getByRole("dialog").waitFor({ state: "detached" });
      await page.waitForURL(stage.url + closed);
    }
    const viewer = await stage.look(opened, { role: "viewer" });
    await live(viewer);
    assertEquals(await viewer.getByRole("dialog").count(), 0);
  });
}

for (const role of ROLES) {
  testPage(`Going back from a job keeps filter, page and place, for ${role}s`, async (stage) => {
    await addMany(stage);
    await stage.api("POST", "/jobs", { type: "report:weekly", options: { queue: "held" } });
    const page = await stage.look("/admin/jobs", { role, width: 360 });
    await live(page);
    await page.getByLabel("Filter jobs").fill("queue:held type:email");
    await page.getByLabel("Filter jobs").press("Enter");
    await page.waitForURL("**/admin/jobs?type=email&queue=held");
    await live(page);
    await page.getByRole("link", { name: "Older" }).click();
    await page.waitForURL(/page=2/);
    await live(page);
    const listed = placeOf(page);
    const row = page.locator("tr[data-id]").nth(9);
    const id = await row.getAttribute("data-id") ?? "";
    await row.scrollIntoViewIfNeeded();
    const top = (await row.boundingBox())?.y ?? 0;
    assert(await page.evaluate(() => scrollY) > 0);

    await row.getByRole("link").first().click();
    await page.waitForURL(`**/admin/jobs/${id}?**`);
    await live(page);
    await page.getByRole("link", { name: "Next job (j)" }).click();
    await page.waitForURL((url) => !url.pathname.endsWith(id) && url.pathname.includes("/jobs/"));
    await live(page);
    await page.goBack();
    await page.waitForURL(`**/admin/jobs/${id}?**`);
    await page.goBack();
    await live(page);

    assertEquals(placeOf(page), listed);
    const { y = NaN } = await row.boundingBox() ?? {};
    assert(Math.abs(y - top) < 30, `The row stood at ${top}, and stands at ${y}`);
    assertEquals(await row.getAttribute("data-id"), id);
    await page.goForward();
    await page.waitForURL(`**/admin/jobs/${id}?**`);
    await live(page);
  });

  testPage(`The editor of schedules opens and closes by back and forward, for ${role}s`, async (stage) => {
    const page = await stage.look("/admin/schedules?q=cleanup", { role });
    await live(page);
    const name = role === "admin" ? "Edit cleanup:old-jobs" : "Try another time for cleanup:old-jobs";
    const expression = page.getByRole("textbox", { name: "Expression" });
    await page.getByRole("link", { name }).click();
    await expression.waitFor();
    const opened = placeOf(page);
    assertEquals(opened, "/admin/schedules?q=cleanup&edit=cleanup%3Aold-jobs");
    await live(page);

    await page.goBack();
    await expression.waitFor({ state: "detached" });
    assertEquals(placeOf(page), "/admin/schedules?q=cleanup");
    await page.goForward();
    await expression.waitFor();
    assertEquals(placeOf(page), opened);
    assertEquals(await expression.inputValue(), "0 3 * * *");
  });

  testPage(`The overview keeps its range in the address, back and forward, for ${role}s`, async (stage) => {
    await stage.addDemoJobs();
    const page = await stage.look("/admin/jobs?status=scheduled", { role });
    const current = page.locator(".overview a[aria-current=page]");
    await live(page);
    const before = await current.allInnerTexts();
    for (const range of ["7d", "1h"]) {
      await page.getByRole("link", { name: range, exact: true }).click();
      await page.waitForURL((url) => url.searchParams.get("range") === range);
      await live(page);
      assert((await current.allInnerTexts()).includes(range));
    }
    assertEquals(new URL(page.url()).searchParams.get("status"), "scheduled");

    await page.goBack();
    await page.waitForURL((url) => url.searchParams.get("range") === "7d");
    await page.goBack();
    await page.waitForURL((url) => url.searchParams.get("range") === null);
    await live(page);
    assertEquals(await current.allInnerTexts(), before);
    assertEquals(placeOf(page), "/admin/jobs?status=scheduled");
  });

  testPage(`Who is asked to sign in comes to where the link led, as ${role}`, async (stage) => {
    const [id] = await addMany(stage);
    const links = [
      "/admin/jobs?type=email%3Awelcome&queue=held&data.i=7&range=7d",
      "/admin/schedules?edit=cleanup%3Aold-jobs&expression=30+2+*+*+*",
      `/admin/jobs/${id}?type=email&level=warn`,
      "/admin/audit",
    ];
    for (const link of links) {
      const page = await stage.look(link, { role: null });
      await page.locator("#secret").fill(stage.token(role));
      await page.getByRole("button", { name: "Sign in" }).click();
      await live(page);

      assertEquals(placeOf(page), link);
      await page.context().clearCookies();
      await page.reload();
      await page.getByRole("heading", { name: "Sign in" }).waitFor();
      await page.context().close();
    }
  });
}

testPage("A link to elsewhere, as where to go after signing in, leads to the jobs", async (stage) => {
  for (
    const next of [
      "https://example.com/",
      "//example.com/ops/admin/x",
      "/ops/admin/../../x",
      "\\\\example.com",
    ]
  ) {
    const page = await stage.look(`/admin/login?next=${encodeURIComponent(next)}`, { role: null });
    await page.locator("#secret").fill(stage.token("viewer"));
    await page.getByRole("button", { name: "Sign in" }).click();
    await live(page);

    assertEquals(placeOf(page), "/admin/jobs");
    await page.context().close();
  }
});

testPage("Going back after signing out shows nothing of what was there", async (stage) => {
  await addMany(stage);
  const page = await stage.look("/admin/jobs?queue=held");
  await live(page);
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("heading", { name: "Sign in" }).waitFor();

  await page.goBack();

  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  assertEquals(await page.locator("tr[data-id]").count(), 0);
  assert(page.url().includes("next="), page.url());
});
