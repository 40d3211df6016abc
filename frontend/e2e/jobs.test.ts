import { assert, assertEquals } from "@std/assert";
import { fits, live, LOOKS, type Page, type Stage, testPage, violations } from "./stage.ts";

/** What may stand in data and must do nothing. */
const HOSTILE = "<script>alert(1)</script> \u202Eevil\u200B שלום";

interface Job {
  id: string;
  type: string;
  status: string;
}

async function add(stage: Stage, type: string, options: object = {}, data: unknown = null): Promise<string> {
  return (await stage.api<Job>("POST", "/jobs", { type, data, options })).id;
}

async function jobsOf(stage: Stage, query: string): Promise<Job[]> {
  return (await stage.api<{ data: Job[] }>("GET", `/jobs?limit=200&${query}`)).data;
}

const row = (page: Page, id: string) => page.locator(`tr[data-id="${id}"]`);
const toast = (page: Page, text: string) => page.locator(".toast", { hasText: text });

async function open(
  stage: Stage,
  path = "/admin/jobs",
  options: Parameters<Stage["look"]>[1] = {},
): Promise<Page> {
  const page = await stage.look(path, options);
  await live(page);
  return page;
}

testPage("/admin/jobs looks right to axe in both themes, on a phone and on a wide screen", async (stage) => {
  await stage.addDemoJobs();
  await add(stage, "evil", { queue: HOSTILE.slice(0, 20), maxAttempts: 1 }, {
    [HOSTILE]: HOSTILE,
    deep: [[[[[]]]]],
  });
  await stage.api("PUT", "/views/VIPs", { filter: "tag:vip" });
  for (const look of LOOKS) {
    const page = await open(stage, "/admin/jobs?limit=50&type=email", look);
    const check = async (what: string) => {
      assertEquals(await violations(page), [], `${what} ${JSON.stringify(look)}`);
      assert(await fits(page), `${what} ${JSON.stringify(look)}`);
    };
    await check("a list");
    for (const name of ["Clean up…", "New job", "Save view"]) {
      await page.getByRole("button", { name }).click();
      await page.getByRole("dialog").waitFor();
      await check(name);
      const { x = 0 } = await page.getByRole("dialog").boundingBox() ?? {};
      assert(x >= 12, `${name} stands ${x} px from the edge`);
      await page.keyboard.press("Escape");
      await page.getByRole("dialog").waitFor({ state: "detached" });
    }
    await page.goto(`${stage.url}/admin/jobs`);
    await live(page);
    await page.getByRole("checkbox", { name: /^Select email/ }).first().check();
    await page.keyboard.press("?");
    await check("keys");
    await page.keyboard.press("Escape");
    await page.getByLabel("Filter jobs").focus();
    await check("a selection and suggestions");
    await page.context().close();
  }
});

testPage("/admin/jobs shows what happens, and moves no row before one asks", async (stage) => {
  await stage.api("POST", "/queues/held/pause");
  const first = await add(stage, "email:send", { queue: "held", priority: 3 });
  const page = await open(stage, "/admin/jobs?queue=held");
  await row(page, first).getByText("Queue is paused").waitFor();
  const before = await row(page, first).boundingBox();

  const second = await add(stage, "email:send", { queue: "held" });
  await page.getByRole("button", { name: "1 new job – show" }).waitFor();
  await stage.api("POST", `/jobs/${first}/cancel`);
  await row(page, first).getByText("Cancelled").waitFor();
  assertEquals(await row(page, first).boundingBox(), before);
  assertEquals(await row(page, second).count(), 0);

  await page.getByRole("button", { name: "1 new job – show" }).click();
  await row(page, second).waitFor();
  await page.getByRole("button", { name: /new job/ }).waitFor({ state: "detached" });
  await page.locator(".counts a", { hasText: "Cancelled" }).getByText("1", { exact: true }).waitFor();
});

testPage("/admin/jobs says of a row that somebody else has removed the job", async (stage) => {
  const jobs = Array.from({ length: 20 }, () => ({ type: "nobody:knows", options: { queue: "held" } }));
  const { ids } = await stage.api<{ ids: string[] }>("POST", "/jobs", jobs);
  const removed = ids.at(-3) ?? "";
  await stage.api("POST", `/jobs/${removed}/cancel`);
  const page = await open(stage, "/admin/jobs?queue=held");

  await stage.api("DELETE", `/jobs/${removed}`);
  await stage.api("POST", `/jobs/${ids.at(-1)}/cancel`); // of a removal nobody is told

  await page.locator(`tr.gone[data-id="${removed}"]`).waitFor();
  assertEquals(await page.locator("tr.gone").count(), 1);
});

testPage("/admin/jobs shows the first jobs by itself", async (stage) => {
  const page = await open(stage, "/admin/jobs?queue=held");
  await page.getByText("No job matches").waitFor();

  const id = await add(stage, "email:send", { queue: "held", delay: "1h" });

  await row(page, id).getByText("Scheduled").waitFor();
});

testPage("/admin/jobs cancels, runs again and removes a job, and asks before it removes", async (stage) => {
  const id = await add(stage, "nobody:knows", { queue: "held" });
  const page = await open(stage, "/admin/jobs?queue=held");

  await page.getByRole("button", { name: /^Cancel nobody:knows/ }).click();
  await row(page, id).getByText("before it ran").waitFor();
  await page.getByRole("button", { name: /^Run again nobody:knows/ }).click();
  await row(page, id).getByText("Pending").waitFor();
  await page.getByRole("button", { name: /^Cancel nobody:knows/ }).click();
  await page.getByRole("button", { name: /^Remove nobody:knows/ }).click();
  await page.getByRole("dialog", { name: "Remove 1 job?" }).getByRole("button", { name: "Keep it" }).click();
  await row(page, id).getByText("Cancelled").waitFor();
  await page.getByRole("button", { name: /^Remove nobody:knows/ }).click();
  await page.getByRole("button", { name: "Remove 1 job" }).click();
  await page.getByText("No job matches").waitFor();
  await page.waitForFunction(() => document.querySelector(".counts strong")?.textContent === "0");
  assertEquals(await jobsOf(stage, "queue=held"), []);
});

testPage("/admin/jobs takes back what the service refuses, and says why", async (stage) => {
  const id = await add(stage, "nobody:knows", { queue: "held" });
  const page = await open(stage, "/admin/jobs?queue=held");
  await page.context().clearCookies();

  await page.getByRole("button", { name: /^Cancel nobody:knows/ }).click();

  await page.getByRole("alert").getByText(`Cannot cancel job ${id}: `).waitFor();
  await row(page, id).getByText("Pending").waitFor();
  assertEquals(stage.messages.splice(0).filter((message) => !message.includes("401")), []);
});

testPage("/admin/jobs changes what is selected, and all that match, in a job of its own", async (stage) => {
  const jobs = Array.from({ length: 20 }, (_, i) => {
    return { type: "nobody:knows", data: { i }, options: { queue: "held" } };
  });
  await stage.api("POST", "/jobs", jobs);
  const page = await open(stage, "/admin/jobs?queue=held");
  const bar = page.getByRole("region", { name: "Selection" });

  await page.getByRole("checkbox", { name: /^Select nobody/ }).first().check();
  await bar.getByText("1 selected").waitFor();
  await page.getByLabel("Select all jobs of this page").check();
  await bar.getByText("15 selected").waitFor();
  await bar.getByRole("button", { name: "Select all that match" }).click();
  await bar.getByText("All 20 matching").waitFor();
  await bar.getByRole("button", { name: "Cancel 20 unfinished…" }).click();
  await page.getByRole("dialog", { name: "Cancel 20 unfinished jobs?" })
    .getByRole("button", { name: "Cancel 20 jobs" }).click();

  await toast(page, "Cancelled 20 jobs").waitFor();
  await page.getByText("before it ran").nth(14).waitFor();
  assertEquals((await jobsOf(stage, "queue=held&status=cancelled")).length, 20);

  for (const i of [0, 1]) await page.getByRole("checkbox", { name: /^Select nobody/ }).nth(i).check();
  await bar.getByRole("button", { name: "Remove 2 finished…" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Remove 2 jobs" }).click();
  await toast(page, "Removed 2 jobs").waitFor();
  assertEquals((await jobsOf(stage, "queue=held")).length, 18);
  await page.getByText("1–15 of 18").waitFor();
  await page.waitForFunction(() => document.querySelectorAll("tr[data-id]").length === 15);
  assertEquals(await page.getByRole("button", { name: /new job/ }).count(), 0);
});

testPage("The filter of /admin/jobs suggests, and goes by keys", async (stage) => {
  await stage.addDemoJobs();
  const page = await open(stage);
  const field = page.getByLabel("Filter jobs");
  const suggestions = page.getByRole("group", { name: "Suggestions" });

  await page.keyboard.press("/");
  await page.keyboard.type("welc");
  await suggestions.getByRole("link", { name: "type:email:welcome" }).waitFor();
  assertEquals(await suggestions.getByRole("link").count(), 1);
  await page.keyboard.press("Escape");
  await suggestions.waitFor({ state: "hidden" });
  assertEquals(await field.inputValue(), "welc");
  await page.keyboard.press("ArrowDown");
  await suggestions.waitFor();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await page.waitForURL("**/admin/jobs?type=email%3Awelcome");
  await live(page);

  await field.fill("tag:vip data.to=ada@example.com ada");
  await field.press("Enter");
  await page.waitForURL("**/admin/jobs?type=email%3Awelcome&tag=vip&data.to=ada%40example.com&q=ada");
  await live(page);
  assertEquals(await page.locator("tr[data-id]").count(), 1);
  await page.getByRole("link", { name: "Remove filter tag:vip" }).click();
  await page.waitForURL("**/admin/jobs?type=email%3Awelcome&data.to=ada%40example.com&q=ada");
  await live(page);
  await field.fill("");
  await field.press("Backspace");
  await page.waitForURL((url) => !url.search.includes("data.to"));
  await page.goBack();
  await page.waitForURL(/data\.to/);
});

testPage("/admin/jobs goes by keys, but not while somebody types", async (stage) => {
  const older = await add(stage, "nobody:knows", { queue: "held" });
  const newer = await add(stage, "nobody:knows", { queue: "held" });
  await stage.api("POST", `/jobs/${older}/cancel`);
  const page = await open(stage, "/admin/jobs?queue=held");

  await page.keyboard.press("j");
  await page.keyboard.press("x");
  await page.getByText("1 selected").waitFor();
  assert(await row(page, newer).getByRole("checkbox").isChecked());
  await page.keyboard.press("j");
  await page.keyboard.press("r");
  await row(page, older).getByText("Pending").waitFor();
  await page.keyboard.press("?");
  await page.getByRole("dialog", { name: "Keys" }).waitFor();
  await page.keyboard.press("Escape");

  await page.getByLabel("Filter jobs").fill("");
  await page.keyboard.type("xgq?");
  assertEquals(await page.getByLabel("Filter jobs").inputValue(), "xgq?");
  assertEquals(await page.getByRole("dialog").count(), 0);

  await row(page, newer).getByRole("link").focus();
  await page.keyboard.press("g");
  await page.keyboard.press("q");
  await page.waitForURL("**/admin/queues");
});

testPage("/admin/jobs adds a job, and says at the fields what is wrong with it", async (stage) => {
  const page = await open(stage);
  await page.getByRole("button", { name: "New job" }).click();
  const dialog = page.getByRole("dialog", { name: "New job" });
  await dialog.getByLabel("Data, as JSON").fill("{");
  await dialog.getByRole("button", { name: "Add job" }).click();
  await dialog.getByText("Say which kind of job it is").waitFor();
  await dialog.getByText("This is no JSON").waitFor();

  await dialog.getByLabel("Type").fill("nobody:knows");
  await dialog.getByLabel("Data, as JSON").fill('{"a":1}');
  await dialog.getByLabel("Priority").fill("5000");
  await dialog.getByLabel("Run").selectOption("delay");
  await dialog.getByLabel("Delay").fill("2h");
  await dialog.getByRole("button", { name: "Add job" }).click();
  await dialog.getByText(/must be .*1000/).waitFor();
  assertEquals(await dialog.getByLabel("Priority").getAttribute("aria-invalid"), "true");
  assertEquals(stage.messages.splice(0).filter((message) => !message.includes("400")), []);

  await dialog.getByLabel("Priority").fill("10");
  await dialog.getByLabel("Tags").fill("vip, eu");
  await dialog.getByRole("button", { name: "Add job" }).click();
  await toast(page, "Added a job of type nobody:knows").waitFor();
  const [job] = await jobsOf(stage, "type=nobody:knows&tag=eu");
  assertEquals(job?.status, "scheduled");
});

testPage("/admin/jobs cleans up, and says before how much", async (stage) => {
  for (const id of [await add(stage, "nobody:knows"), await add(stage, "nobody:knows")]) {
    await stage.api("POST", `/jobs/${id}/cancel`);
  }
  const page = await open(stage);
  await page.getByRole("button", { name: "Clean up…" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText("No job is that old.").waitFor();
  assert(await dialog.getByRole("button", { name: "Remove no jobs" }).isDisabled());
  await page.clock.install({ time: Date.now() + 2 * 3_600_000 });
  await dialog.getByLabel("Cancelled").check();
  await dialog.getByLabel("Finished longer ago than").selectOption("1h");
  await page.clock.runFor(1000);
  await dialog.getByText("2 jobs go, with their logs.", { exact: false }).waitFor();
  await dialog.getByRole("button", { name: "Remove 2 jobs" }).click();
  await toast(page, "Removed 0 jobs").waitFor(); // to the service they are not that old
});

testPage("/admin/jobs saves a view for all, and removes it", async (stage) => {
  const page = await open(stage, "/admin/jobs?status=failed&tag=vip");
  await page.getByRole("button", { name: "Save view" }).click();
  await page.getByLabel("Name, for all who look").fill("Failed VIPs");
  await page.getByRole("dialog").getByRole("button", { name: "Save view" }).click();
  await page.getByRole("navigation", { name: "Saved views" }).getByRole("link", { name: "Failed VIPs" })
    .waitFor();

  const viewer = await open(stage, "/admin/queues", { role: "viewer" });
  await viewer.getByRole("link", { name: "Failed VIPs" }).click();
  await viewer.waitForURL("**/admin/jobs?status=failed&tag=vip");
  assertEquals(await viewer.getByRole("button", { name: "Remove view" }).count(), 0);

  await page.getByRole("button", { name: "Remove view" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Remove view" }).click();
  await page.getByRole("link", { name: "Failed VIPs" }).waitFor({ state: "detached" });
});

testPage(
  "/admin/jobs can be read, filtered and exported without scripts, and shows what it shows to viewers",
  async (stage) => {
    await stage.addDemoJobs();
    await add(stage, "evil", {}, { [HOSTILE]: HOSTILE, long: "x".repeat(5_000_000) });
    const page = await stage.look("/admin/jobs", { scripts: false, role: "viewer" });
    assertEquals(await page.locator("tr[data-id]").count(), 6);
    assertEquals(await page.getByRole("checkbox").count(), 0);

    await page.getByLabel("Filter jobs").fill("type:email tag:vip");
    await page.getByLabel("Filter jobs").press("Enter");
    await page.waitForURL("**/admin/jobs?type=email&tag=vip");
    assertEquals(await page.locator("tr[data-id]").count(), 2);
    await page.getByText("Export", { exact: true }).click();
    const download = page.waitForEvent("download");
    await page.getByRole("link", { name: /^CSV/ }).click();
    const file = await Deno.readTextFile(await (await download).path());
    assertEquals(file.trim().split("\r\n").length, 3);
    assert(!file.includes("hunter2"));
  },
);
