import { assert, assertEquals } from "@std/assert";
import { Service } from "../../backend/testing/service.ts";
import { fits, live, type Page, type Stage, testPage } from "./stage.ts";

type Locator = ReturnType<Page["locator"]>;

/** How somebody goes through the dashboard. */
interface Hand {
  /** Follows a link, presses a button. */
  press(target: Locator): Promise<void>;
  /** Writes into a field what shall stand there. */
  write(field: Locator, text: string): Promise<void>;
  /** Goes to a page of the menu. */
  go(name: "Jobs" | "Schedules" | "Queues", key: string): Promise<void>;
}

/** The most steps of Tab that a page asks for. */
const MOST_STEPS = 150;

/** Uses nothing but keys. */
class Keys implements Hand {
  constructor(readonly page: Page) {}

  async press(target: Locator): Promise<void> {
    await this.#focus(target);
    await this.page.keyboard.press("Enter");
  }

  async write(field: Locator, text: string): Promise<void> {
    await this.#focus(field);
    await this.page.keyboard.press("Control+A");
    await this.page.keyboard.insertText(text);
  }

  async go(name: string, key: string): Promise<void> {
    await this.page.keyboard.press("g");
    await this.page.keyboard.press(key);
    await this.page.getByRole("heading", { name, exact: true, level: 1 }).waitFor();
  }

  async #focus(target: Locator): Promise<void> {
    await target.waitFor();
    for (let i = 0; i < MOST_STEPS; i++) {
      if (await target.evaluate((element) => element === document.activeElement)) {
        assert(await target.evaluate(isSeen), `The focus of ${target} cannot be seen`);
        return;
      }
      await this.page.keyboard.press("Tab");
    }
    throw new Error(`Cannot reach ${target} by Tab`);
  }
}

/** True when it is plain that the element has the focus. */
function isSeen(element: Element): boolean {
  const { outlineStyle, outlineWidth } = getComputedStyle(element);
  return outlineStyle !== "none" && outlineWidth !== "0px";
}

/** Taps, and writes as phones do. */
class Finger implements Hand {
  constructor(readonly page: Page) {}

  async press(target: Locator): Promise<void> {
    await target.tap();
  }

  async write(field: Locator, text: string): Promise<void> {
    await field.tap();
    await field.fill(text);
  }

  async go(name: string): Promise<void> {
    await this.page.getByText("Menu", { exact: true }).tap();
    await this.page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name }).tap();
    await this.page.getByRole("heading", { name, exact: true, level: 1 }).waitFor();
  }
}

/**
 * A job has failed: somebody signs in, finds out why, runs it again with other data, lets it run every night, and
 * pauses its queue.
 */
async function mend(stage: Stage, page: Page, hand: Hand): Promise<void> {
  const failure = "no such user: ada@exmaple.com";
  const { id } = await stage.api<{ id: string }>("POST", "/jobs", {
    type: "demo:run",
    data: { failure, lines: ["looking up ada@exmaple.com"], password: "hunter2" },
    options: { maxAttempts: 1, queue: "mails" },
  });
  await stage.api("GET", `/jobs/${id}?wait=30s`);
  const button = (name: string | RegExp) => page.getByRole("button", { name, exact: true });

  await page.goto(stage.loginLink());
  await page.waitForFunction(() => location.hash === "");
  await hand.press(button("Sign in"));
  await live(page);
  await hand.press(page.locator(".counts").getByRole("link", { name: "Failed" }));
  await page.waitForURL("**/admin/jobs?status=failed");
  await live(page);
  await hand.press(page.locator(`tr[data-id="${id}"]`).getByRole("link"));
  await live(page);
  await page.getByText(`RangeError: ${failure}`).first().waitFor();
  await page.getByText("looking up ada@exmaple.com", { exact: true }).waitFor();
  assert(await fits(page));

  await hand.press(button("Retry with edits…"));
  const dialog = page.getByRole("dialog");
  await page.waitForFunction(() => document.querySelector("textarea")?.value.includes("no such user"));
  await hand.write(dialog.getByLabel("Data as JSON"), '{ "result": "sent", "password": "[redacted]" }');
  await hand.press(button("Retry as a new job"));
  await page.getByText("Repeats").waitFor();
  await live(page);
  await page.locator(".head .tag", { hasText: "Completed" }).waitFor();
  await page.getByRole("region", { name: "Result as JSON" }).getByText("sent").waitFor();

  await hand.go("Schedules", "s");
  await live(page);
  await hand.press(page.getByRole("link", { name: "New schedule…" }));
  await live(page);
  const editor = page.getByRole("form", { name: "New schedule" });
  await hand.write(editor.getByLabel("Name"), "mail nightly");
  await hand.write(editor.getByRole("textbox", { name: "Expression" }), "30 2 * * *");
  await editor.getByText("At 02:30, every day").waitFor();
  await hand.write(editor.getByLabel("Type"), "demo:run");
  await hand.write(editor.getByLabel("Data, as JSON"), '{ "result": "sent" }');
  await hand.press(button("Make schedule"));
  await page.getByRole("heading", { name: "mail nightly" }).waitFor();
  await live(page);
  await hand.press(button("Run now: mail nightly"));
  await page.getByRole("paragraph").getByText("The last run: 1 good").waitFor();
  assert(await fits(page));

  await hand.go("Queues", "q");
  await live(page);
  await hand.press(button("Pause mails…"));
  await hand.write(dialog.getByLabel("Why"), "until the address is mended");
  await hand.press(button("Pause mails"));
  await page.getByText("until the address is mended").waitFor();
  await page.locator("nav .flag", { hasText: "1 paused" }).waitFor({ state: "attached" });

  const { data } = await stage.api<{ data: { name: string; paused: boolean }[] }>("GET", "/queues");
  assertEquals(data.filter(({ paused }) => paused).map(({ name }) => name), ["mails"]);
  const stored = await stage.api<{ expression: string; job: unknown }>("GET", "/schedules/mail%20nightly");
  assertEquals(stored.expression, "30 2 * * *");
}

async function startWorker(stage: Stage): Promise<Service> {
  const worker = new Service(stage.folder, "backend/testing/demo-worker.ts");
  await worker.said(/Ready/);
  return worker;
}

testPage("A failed job is found, mended, scheduled and its queue paused by keys alone", async (stage) => {
  await using _worker = await startWorker(stage);
  const page = await stage.look("/health/live", { role: null });
  await mend(stage, page, new Keys(page));
});

testPage(
  "A failed job is found, mended, scheduled and its queue paused by taps on a phone",
  async (stage) => {
    await using _worker = await startWorker(stage);
    const page = await stage.look("/health/live", { role: null, width: 360, isPhone: true });
    await mend(stage, page, new Finger(page));
  },
);

testPage("A failed job is found by shortcuts, opened and retried by them", async (stage) => {
  await using _worker = await startWorker(stage);
  const add = async (data: unknown) => {
    const options = { maxAttempts: 1 };
    const { id } = await stage.api<{ id: string }>("POST", "/jobs", { type: "demo:run", data, options });
    await stage.api("GET", `/jobs/${id}?wait=30s`);
    return id;
  };
  const id = await add({ failure: "no such user" });
  await add({ result: 1 });
  const page = await stage.look("/admin/workers");
  await live(page);
  const { keyboard } = page;

  await keyboard.press("g");
  await keyboard.press("j");
  await page.waitForURL("**/admin/jobs");
  await live(page);
  await keyboard.press("/");
  await keyboard.type("status:failed type:demo");
  await keyboard.press("Enter");
  await page.waitForURL("**/admin/jobs?status=failed&type=demo");
  await live(page);
  await keyboard.press("j");
  await keyboard.press("Enter");
  await page.waitForURL(`**/admin/jobs/${id}?**`);
  await page.getByText("RangeError: no such user").first().waitFor();
  await page.goBack();
  await live(page);
  await keyboard.press("j");
  const answer = page.waitForResponse(`**/jobs/${id}/retry`);
  await keyboard.press("r");
  assertEquals((await answer).status(), 200);
  const { errors } = await stage.api<{ errors: unknown[] }>("GET", `/jobs/${id}?wait=30s`);
  assertEquals(errors.length, 2);
});
