import { assert, assertEquals } from "@std/assert";
import { Service } from "../../backend/testing/service.ts";
import { EventProxy } from "./event-proxy.ts";
import { live, type Page, pause, type Stage, testPage } from "./stage.ts";

const badge = (page: Page, text: string | RegExp) => page.locator(".head .live", { hasText: text }).waitFor();
const row = (page: Page, id: string) => page.locator(`tr[data-id="${id}"]`);
const isStream = (request: { url(): string }) => new URL(request.url()).pathname.endsWith("/admin/events");

async function add(stage: Stage, type = "nobody:knows", data: unknown = null): Promise<string> {
  const { id } = await stage.api<{ id: string }>("POST", "/jobs", { type, data, options: { queue: "held" } });
  return id;
}

/** Marks the page, so that it can be seen whether it was loaded again. */
async function mark(page: Page): Promise<void> {
  await page.evaluate(() => Object.assign(globalThis, { isSame: true }));
}

async function isSame(page: Page): Promise<boolean> {
  return await page.evaluate(() => "isSame" in globalThis);
}

/** Ids of the rows, as they stand. */
async function rowsOf(page: Page): Promise<(string | undefined)[]> {
  return await page.locator("tr[data-id]").evaluateAll((rows) =>
    rows.map((row) => (row as HTMLElement).dataset.id)
  );
}

/** Tells the page that its tab is seen, or is not. */
async function show(page: Page, state: "visible" | "hidden"): Promise<void> {
  await page.evaluate((state) => {
    Object.defineProperty(document, "visibilityState", { configurable: true, value: state });
    document.dispatchEvent(new Event("visibilitychange"));
  }, state);
}

/** What a browser notes of a service that stops: it refuses what is asked meanwhile, and then nobody answers. */
const STOPPED = /net::ERR_|status of 503/;

/** The browser itself notes each request that fails. */
function expectOnly(stage: Stage, pattern: RegExp): void {
  assertEquals(stage.messages.splice(0).filter((message) => !pattern.test(message)), []);
}

testPage("A page whose events are cut reads every 5 seconds, and goes on where it stood", async (stage) => {
  await using proxy = new EventProxy(stage.url);
  const first = await add(stage);
  const page = await stage.look("/health/live");
  await page.clock.install();
  await page.goto(`${proxy.url}/admin/jobs?queue=held`);
  await live(page);
  await mark(page);
  const second = await add(stage);
  await page.getByRole("button", { name: "1 new job – show" }).click();
  await row(page, second).waitFor();

  const refused = page.waitForResponse((response) => isStream(response) && response.status() === 502);
  proxy.cut();
  await badge(page, "Not live, retrying");
  await refused; // no event comes from now on
  await stage.api("POST", `/jobs/${first}/cancel`);
  const third = await add(stage);
  await page.clock.runFor(5000);
  await row(page, first).getByText("Cancelled").waitFor();
  await page.getByRole("button", { name: "1 new job – show" }).waitFor();

  proxy.mend();
  const fourth = await add(stage);
  await page.clock.runFor(5000);
  await live(page);
  await page.getByRole("button", { name: "2 new jobs – show" }).click();
  await row(page, fourth).waitFor();
  await stage.api("POST", `/jobs/${second}/cancel`);
  await row(page, second).getByText("Cancelled").waitFor();

  assertEquals(await rowsOf(page), [fourth, third, second, first]);
  assertEquals(proxy.resumedAt.length, 2);
  assert(proxy.resumedAt[0] === "" && proxy.resumedAt[1] !== "", JSON.stringify(proxy.resumedAt));
  assert(await isSame(page));
  expectOnly(stage, /502|ERR_INCOMPLETE_CHUNKED_ENCODING/);
});

testPage("A page outlives the service it shows, and takes back what was asked meanwhile", async (stage) => {
  await stage.addDemoJobs();
  const page = await stage.look("/admin/queues");
  await live(page);
  await mark(page);

  await page.getByRole("button", { name: "Pause mails…" }).click();
  await page.getByRole("dialog").waitFor();
  await stage.stop();
  await badge(page, "Not live, retrying");
  await page.keyboard.press("Enter");
  await page.getByRole("alert").getByText("Cannot pause mails: the service did not answer").waitFor();
  await page.getByText("mails is paused").waitFor({ state: "detached" });

  await stage.startAgain();
  await live(page);
  await add(stage);
  await page.locator("[data-queue=held]").waitFor();
  await pause(page, "mails");
  await page.locator("nav .flag", { hasText: "1 paused" }).waitFor();
  const { data } = await stage.api<{ data: { name: string; paused: boolean }[] }>("GET", "/queues");
  assertEquals(data.filter(({ paused }) => paused).map(({ name }) => name), ["mails"]);
  assert(await isSame(page));
  expectOnly(stage, STOPPED);
});

testPage(
  "The page of a job that ran on without the service shows its end and its log once",
  async (stage) => {
    await using worker = new Service(stage.folder, "backend/testing/demo-worker.ts");
    await worker.said(/Ready/);
    const id = await add(stage, "demo:run", { isHeld: true, lines: ["written once"], result: { ok: 1 } });
    const page = await stage.look(`/admin/jobs/${id}`);
    await live(page);
    const line = page.getByText("written once", { exact: true });
    await line.waitFor();
    await mark(page);

    await stage.stop();
    await badge(page, "Not live, retrying");
    await page.getByRole("button", { name: "Cancel…" }).click();
    await page.getByRole("alert").getByText("the service did not answer").waitFor();
    await stage.startAgain();
    await live(page);
    await page.getByRole("button", { name: "Cancel…" }).click();
    await page.getByRole("dialog").waitFor();
    await page.keyboard.press("Escape");
    await add(stage, "demo:go");

    await page.locator(".head .tag", { hasText: "Completed" }).waitFor();
    await page.getByRole("region", { name: "Result as JSON" }).getByText("ok").waitFor();
    assertEquals(await line.count(), 1);
    assert(await isSame(page));
    expectOnly(stage, STOPPED);
  },
);

testPage("Two actions that fail together are both taken back", async (stage) => {
  await stage.addDemoJobs();
  const page = await stage.look("/admin/queues");
  await live(page);
  await page.getByRole("button", { name: "Pause updates" }).click();
  const sent: (() => Promise<void>)[] = [];
  // What is read anew would hide what was not taken back.
  await page.route("**/api/admin/queues", (route) => route.abort());
  await page.route("**/api/admin/queues/*/pause", (route) => {
    sent.push(() => route.abort());
  });
  for (const name of ["mails", "reports"]) {
    await pause(page, name);
    await page.getByText(`${name} is paused`).waitFor();
  }

  for (const [i, name] of ["mails", "reports"].entries()) {
    await sent[i]?.();
    await page.getByRole("alert").getByText(`Cannot pause ${name}: the service did not answer`).waitFor();
    await page.getByText(`${name} is paused`).waitFor({ state: "detached" });
  }
  assertEquals(await page.getByText(/is paused$/).count(), 0);
  expectOnly(stage, /net::ERR_FAILED/);
});

testPage("New jobs that cannot be shown are said to be so, and are shown later", async (stage) => {
  const first = await add(stage);
  const page = await stage.look("/admin/jobs?queue=held");
  await live(page);
  const second = await add(stage);
  const news = page.getByRole("button", { name: "1 new job – show" });
  await news.waitFor();
  await page.route("**/api/admin/jobs?*", (route) => route.abort());

  await news.click();
  await page.getByRole("alert").getByText("Cannot show the new jobs: the service did not answer").waitFor();
  assertEquals(await rowsOf(page), [first]);
  await page.unroute("**/api/admin/jobs?*");
  await news.click();
  await row(page, second).waitFor();
  expectOnly(stage, /net::ERR_FAILED/);
});

testPage("A bulk job is followed to its end though the service did not answer meanwhile", async (stage) => {
  await add(stage);
  const page = await stage.look("/admin/jobs?queue=held");
  await live(page);
  await page.clock.install();
  await page.route("**/api/admin/jobs/*?wait=30s", (route) => route.abort());
  const lost = page.waitForEvent("requestfailed", (request) => request.url().endsWith("?wait=30s"));
  await page.getByRole("checkbox", { name: /^Select nobody/ }).first().check();
  await page.getByRole("region", { name: "Selection" }).getByRole("button", { name: /^Cancel/ }).click();
  await page.getByRole("button", { name: "Cancel 1 job" }).click();
  await lost;

  await page.unroute("**/api/admin/jobs/*?wait=30s");
  await page.clock.runFor(5000);

  await page.getByText("Cancelled 1 job").waitFor();
  await page.getByRole("region", { name: "Cancelling jobs" }).waitFor({ state: "detached" });
  assertEquals(await page.getByRole("alert").count(), 0);
  expectOnly(stage, /net::ERR_FAILED/);
});

testPage("A hidden tab has no stream of events; seen again it shows what happened", async (stage) => {
  const first = await add(stage);
  const page = await stage.look("/admin/jobs?queue=held");
  await live(page);

  const closed = page.waitForEvent("requestfailed", isStream);
  await show(page, "hidden");
  await closed;
  const second = await add(stage);
  await stage.api("POST", `/jobs/${first}/cancel`);
  assertEquals(await row(page, first).getByText("Cancelled").count(), 0);

  const opened = page.waitForRequest(isStream);
  await show(page, "visible");
  await opened;
  await row(page, first).getByText("Cancelled").waitFor();
  await live(page);
  await page.getByRole("button", { name: "1 new job – show" }).click();
  await row(page, second).waitFor();
  assertEquals(await rowsOf(page), [second, first]);
});

testPage("A tab that is hidden while its events are cut asks for nothing until it is seen", async (stage) => {
  await using proxy = new EventProxy(stage.url);
  const page = await stage.look("/health/live");
  await page.clock.install();
  await page.goto(`${proxy.url}/admin/queues`);
  await live(page);
  const refused = page.waitForResponse((response) => isStream(response) && response.status() === 502);
  proxy.cut();
  await refused;
  await badge(page, "Not live, retrying");

  const asked: string[] = [];
  await show(page, "hidden");
  page.on("request", (request) => asked.push(request.url()));
  await page.clock.runFor(60_000);
  assertEquals(asked, []);
  proxy.mend();
  await show(page, "visible");
  await live(page);
  expectOnly(stage, /502|ERR_INCOMPLETE_CHUNKED_ENCODING/);
});

testPage("Paused updates change nothing that is shown; resumed ones show it all", async (stage) => {
  const first = await add(stage);
  const page = await stage.look("/admin/jobs?queue=held");
  await live(page);

  await page.getByRole("button", { name: "Pause updates" }).click();
  await stage.api("POST", `/jobs/${first}/cancel`);
  const second = await add(stage);
  await badge(page, /^Paused: [1-9]\d* new events$/);
  await show(page, "hidden");
  await show(page, "visible");
  await badge(page, /^Paused/);
  assertEquals(await row(page, first).getByText("Pending").count(), 1);
  assertEquals(await page.getByRole("button", { name: /new job.* show/ }).count(), 0);

  await page.getByRole("button", { name: "Pause updates" }).click();
  await live(page);
  await row(page, first).getByText("Cancelled").waitFor();
  await page.getByRole("button", { name: "1 new job – show" }).click();
  await row(page, second).waitFor();
});

testPage(
  "A page hears only how many, where many jobs change at once, and shows all of them",
  async (stage) => {
    const first = await add(stage);
    const page = await stage.look("/admin/jobs?queue=held");
    await live(page);
    const jobs = Array.from({ length: 200 }, () => ({ type: "a", data: null, options: { queue: "held" } }));
    await stage.api("POST", "/jobs", jobs);
    await page.getByRole("button", { name: /^\d+\+? new jobs – show$/ }).waitFor();

    await stage.api("POST", "/jobs/bulk", { action: "cancel", filter: { queue: "held" } });
    await row(page, first).locator('[data-status="cancelled"]').first().waitFor();
  },
);
