import { assertEquals } from "@std/assert";
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
