import { assert, assertEquals } from "@std/assert";
import type { Route } from "playwright-core";
import { Service } from "../../backend/testing/service.ts";
import { live, type Page, type Stage, testPage } from "./stage.ts";

/** The browser itself notes each request that fails. */
function expectOnly(stage: Stage, pattern: RegExp): void {
  assertEquals(stage.messages.splice(0).filter((message) => !pattern.test(message)), []);
}

/** Makes the page read all anew. */
async function readAgain(page: Page): Promise<void> {
  const pause = page.getByRole("button", { name: "Pause updates" });
  await pause.click();
  await pause.click();
}

testPage("What the server renders never goes back to an older page, nor shows an error", async (stage) => {
  const { id } = await stage.api<{ id: string }>("POST", "/webhooks", { url: "https://example.com/hooks" });
  const page = await stage.look(`/admin/webhooks/${id}`);
  await live(page);
  await page.evaluate(() => {
    const facts = () => document.querySelector("[data-fresh=facts]")?.textContent ?? "";
    const seen = [facts()];
    Object.assign(globalThis, { seen });
    new MutationObserver(() => seen.at(-1) !== facts() && seen.push(facts()))
      .observe(document.body, { childList: true, subtree: true, characterData: true });
  });
  const failed = page.waitForEvent("requestfailed");
  const first = Promise.withResolvers<void>();
  const facts = ["older", "newer", "an error", "newest"];
  let count = 0;
  await page.route(page.url(), async (route) => {
    const text = facts[count++] ?? "newest";
    if (text === "older") await first.promise;
    const body = `<div class="stack" data-fresh="facts">${text}</div>`;
    await route.fulfill({ status: text === "an error" ? 500 : 200, contentType: "text/html", body });
  });
  // What else is read at the same time fails: the next read does not wait for the page.
  await page.route("**/api/admin/webhooks/*", (route) => route.abort(), { times: 1 });

  await readAgain(page);
  await failed;
  await readAgain(page);
  await page.getByText("newer").waitFor();
  first.resolve();
  const broken = page.waitForResponse((response) => response.status() === 500);
  await readAgain(page);
  await broken;
  await readAgain(page);
  await page.getByText("newest").waitFor();

  const seen = await page.evaluate(() => (globalThis as unknown as { seen: string[] }).seen);
  assertEquals(seen.slice(1), ["newer", "newest"]);
  expectOnly(stage, /net::ERR_FAILED|status of 500/);
});

testPage("What the server renders of a job that waits tells second by second for how long", async (stage) => {
  const body = { type: "nobody:knows", data: null, options: { delay: "2h" } };
  const { id } = await stage.api<{ id: string }>("POST", "/jobs", body);
  const page = await stage.look("/health/live");
  await page.clock.install();
  await page.goto(`${stage.url}/admin/jobs/${id}`);
  await live(page);
  await page.route(page.url(), (route) => route.abort()); // not by reading it again
  await page.locator(".note", { hasText: /In 1 h 59 min,/ }).waitFor();

  await page.clock.runFor(60_000);

  await page.locator(".note", { hasText: /In 1 h 58 min,/ }).waitFor();
  expectOnly(stage, /net::ERR_FAILED/);
});

/** Opens the page of a job that runs. @param lines What is in its log. */
async function followJob(stage: Stage, lines: string[]): Promise<Page> {
  const body = { type: "demo:run", data: { isHeld: true, lines, percent: 40 } };
  const { id } = await stage.api<{ id: string }>("POST", "/jobs", body);
  const page = await stage.look(`/admin/jobs/${id}`);
  await live(page);
  await page.getByText(lines.at(-1) ?? "", { exact: true }).waitFor();
  return page;
}

/** Answers with a page as if the job had written `line` since the page before. */
async function answerWith(route: Route, line: string): Promise<void> {
  const response = await route.fetch();
  const body = (await response.text()).replace(
    /(data-known="[^"]*" data-next="[^"]*) (\d+)">/,
    (_, rest, count) => `${rest} ${Number(count) + 1}"><li><span>${line}</span></li>`,
  );
  await route.fulfill({ response, body });
}

const linesOf = (page: Page, text: string) =>
  page.getByRole("region", { name: "Live log" }).getByRole("listitem").filter({ hasText: text });

testPage("A log that is followed grows at its end, and stays where somebody looks at it", async (stage) => {
  await using worker = new Service(stage.folder, "backend/testing/demo-worker.ts");
  await worker.said(/Ready/);
  const page = await followJob(stage, Array.from({ length: 450 }, (_, i) => `line ${i}.`));
  const log = page.getByRole("region", { name: "Live log" });
  const follow = page.getByRole("button", { name: "Follow the end" });
  const warnings = page.getByRole("link", { name: "Warnings" });
  const left = () => log.evaluate((box) => Math.round(box.scrollHeight - box.clientHeight - box.scrollTop));
  let count = 0;
  await page.route(page.url(), (route) => answerWith(route, `new ${++count}.`));
  const next = () => linesOf(page, `new ${count + 1}.`).waitFor();

  await linesOf(page, "line 449.").evaluate((line) => getSelection()?.selectAllChildren(line));
  await next();
  assertEquals(await left(), 0);
  assert((await page.evaluate(() => String(getSelection()))).includes("line 449."));
  assert(await follow.isHidden());

  await log.evaluate((box) => box.scrollTop = 40);
  await follow.waitFor();
  await next();
  assertEquals(await log.evaluate((box) => box.scrollTop), 40);
  await follow.click();
  await follow.waitFor({ state: "hidden" });
  await next();
  assertEquals(await left(), 0);
  const shown = await linesOf(page, "new ").allTextContents();
  assertEquals(shown, shown.map((_, i) => `new ${i + 1}.`));

  await page.unrouteAll({ behavior: "wait" });
  await warnings.focus();
  await page.keyboard.press("Enter");
  await page.getByText("Nothing of this level so far.").waitFor();
  assertEquals(await warnings.getAttribute("aria-current"), "page");
  assert(await warnings.evaluate((link) => link === document.activeElement));
});

testPage("A log that is followed asks for nothing while updates are paused", async (stage) => {
  await using worker = new Service(stage.folder, "backend/testing/demo-worker.ts");
  await worker.said(/Ready/);
  const page = await followJob(stage, ["one."]);
  await page.clock.install();
  await page.reload();
  await live(page);
  const pause = page.getByRole("button", { name: "Pause updates" });
  const asked = async () => {
    await page.clock.runFor(3000);
    return await page.evaluate(() => (globalThis as unknown as { asked: number }).asked);
  };

  await pause.click();
  await page.evaluate(() => {
    const counted = Object.assign(globalThis, { asked: 0 });
    const { fetch } = globalThis;
    counted.fetch = (input, init) => {
      if (new Headers(init?.headers).get("X-Fresh-Parts")?.startsWith("growing")) counted.asked++;
      return fetch(input, init);
    };
  });
  assertEquals(await asked(), 0);
  await pause.click();
  assert(await asked() > 0);
});

testPage("What grows is shown once, however often it was asked for", async (stage) => {
  await using worker = new Service(stage.folder, "backend/testing/demo-worker.ts");
  await worker.said(/Ready/);
  const page = await followJob(stage, ["one."]);
  const both = Promise.withResolvers<void>();
  let count = 0;
  await page.route(page.url(), async (route) => {
    if (++count === 2) both.resolve();
    if (count <= 2) await both.promise;
    await answerWith(route, count <= 2 ? "two." : "three.");
  });
  const all = page.getByRole("link", { name: "All", exact: true });

  await all.click();
  await all.click();
  await linesOf(page, "three.").first().waitFor();

  await page.unrouteAll({ behavior: "wait" });
  assertEquals(await linesOf(page, "two.").count(), 1);
});

testPage(
  "An attempt that is folded out stays so, and no other one, when the next has failed",
  async (stage) => {
    await using worker = new Service(stage.folder, "backend/testing/demo-worker.ts");
    await worker.said(/Ready/);
    const backoff = { type: "fixed", delay: "1h" };
    const body = { type: "demo:run", data: { failure: "no user" }, options: { maxAttempts: 2, backoff } };
    const { id } = await stage.api<{ id: string }>("POST", "/jobs", body);
    const page = await stage.look(`/admin/jobs/${id}`);
    await live(page);
    const attempts = page.locator("details[data-run]");
    const first = attempts.filter({ hasText: "Attempt 1" });
    for (const isOpen of [false, true]) {
      await first.locator("summary").click();
      await page.waitForURL((url) => url.searchParams.get("attempt") === (isOpen ? "0-1" : ""));
    }

    await page.getByRole("button", { name: "Run now" }).first().click();
    await page.locator(".head .tag", { hasText: "Failed" }).waitFor();

    const folds = await attempts.evaluateAll((all) => all.map((fold) => (fold as HTMLDetailsElement).open));
    assertEquals(folds, [false, true]);
  },
);
