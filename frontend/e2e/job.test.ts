import { assert, assertEquals } from "@std/assert";
import { Service } from "../../backend/testing/service.ts";
import { fits, live, LOOKS, type Page, type Stage, testPage, violations } from "./stage.ts";

/** What may stand in data, logs, errors and tags and must do nothing. */
const HOSTILE = "<script>alert(1)</script> \u202Eevil\u200B שלום";

/** Starts a process that runs jobs of `demo:run`, and ends with the test. */
async function startWorker(stage: Stage): Promise<Service> {
  const worker = new Service(stage.folder, "backend/testing/demo-worker.ts");
  await worker.said(/Ready/);
  return worker;
}

async function addJob(stage: Stage, type: string, data: unknown, options = {}): Promise<string> {
  const { id } = await stage.api<{ id: string }>("POST", "/jobs", { type, data, options });
  return id;
}

/** Adds a job of the process that `startWorker` started. @returns Its id, once it has the status. */
async function addDemo(stage: Stage, data: unknown, options = {}, wait = "30s"): Promise<string> {
  const id = await addJob(stage, "demo:run", data, options);
  await stage.api("GET", `/jobs/${id}?wait=${wait}`);
  return id;
}

async function statusOf(stage: Stage, id: string): Promise<string> {
  return (await stage.api<{ status: string }>("GET", `/jobs/${id}`)).status;
}

function shows(page: Page, status: string): Promise<void> {
  return page.locator(".head .tag", { hasText: status }).waitFor();
}

/** Does what makes the page ask for an address that ends so, and waits for the answer: what is shown comes before. */
async function answered(page: Page, end: string, act: () => Promise<void>): Promise<void> {
  const answer = page.waitForResponse((response) => response.url().endsWith(end));
  await act();
  await answer;
}

const button = (page: Page, name: string) => page.getByRole("button", { name, exact: true });

testPage(
  "The page of a job looks right to axe in both themes, on a phone and on a wide screen",
  async (stage) => {
    await using _worker = await startWorker(stage);
    const failed = await addDemo(stage, {
      failure: HOSTILE.repeat(3),
      lines: [HOSTILE, "x".repeat(900)],
      password: "hunter2",
      deep: { er: [{ still: { deeper: "y".repeat(5000) } }] },
    }, { maxAttempts: 1, tags: [HOSTILE, "vip"] });
    const running = await addJob(stage, "demo:run", {
      isHeld: true,
      lines: ["one"],
      percent: 40,
      note: HOSTILE,
    });
    const scheduled = await addJob(stage, "nobody:knows", null, { delay: "2h" });
    for (const look of LOOKS) {
      const page = await stage.look(`/admin/jobs/${failed}`, look);
      for (const id of [failed, running, scheduled]) {
        if (id !== failed) await page.goto(`${stage.url}/admin/jobs/${id}`);
        await live(page);
        if (id === running) await page.getByText("40 %").waitFor();
        assertEquals(await violations(page), [], JSON.stringify({ id, ...look }));
        assert(await fits(page), JSON.stringify({ id, ...look }));
      }
      for (const name of ["Cancel…", "Priority…", "Reschedule…"]) {
        await button(page, name).click();
        assertEquals(await violations(page), [], `${name} ${JSON.stringify(look)}`);
        assert(await fits(page), `${name} ${JSON.stringify(look)}`);
        await page.keyboard.press("Escape");
      }
    }
  },
);

testPage(
  "A waiting job is moved, cancelled, retried and removed without loading its page again",
  async (stage) => {
    const id = await addJob(stage, "nobody:knows", { n: 1 }, { delay: "2h" });
    await addJob(stage, "nobody:knows", { n: 2 });
    const page = await stage.look(`/admin/jobs/${id}?type=nobody`);
    await live(page);
    await page.getByText("Scheduled for").waitFor();
    await page.evaluate(() => Object.assign(globalThis, { isSame: true }));

    await button(page, "Priority…").click();
    await page.locator("#priority").fill("5000");
    await button(page, "Set priority").click();
    await page.getByRole("alert").getByText("priority").waitFor();
    await page.locator("#priority").fill("7");
    await button(page, "Set priority").click();
    await page.locator("dialog").waitFor({ state: "detached" });
    await page.locator(".facts dd:text-is('7')").waitFor();

    await button(page, "Run now").first().click();
    await shows(page, "Pending");
    await page.getByText("No worker for nobody:knows").waitFor();
    assertEquals(await button(page, "Run now").count(), 0);

    await button(page, "Reschedule…").click();
    await page.locator("#due").fill("2027-01-01T10:00:00");
    await button(page, "Reschedule").click();
    await shows(page, "Scheduled");

    const cancel = async () => {
      await button(page, "Cancel…").click();
      await button(page, "Cancel 1 job").click();
      await shows(page, "Cancelled");
    };
    await cancel();
    await answered(page, "/retry", () => button(page, "Retry").click()); // sent in its turn, not before
    await shows(page, "Pending");
    await answered(page, "/cancel", cancel);
    assertEquals(await statusOf(stage, id), "cancelled");
    assertEquals(await page.evaluate(() => "isSame" in globalThis), true);

    await button(page, "Remove…").click();
    await button(page, "Remove 1 job").click();
    await page.waitForURL((url) => !url.pathname.endsWith(id));
    assertEquals(await stage.api<{ data: unknown[] }>("GET", "/jobs").then(({ data }) => data.length), 1);
    // The browser itself notes each answer of 400.
    assertEquals(stage.messages.splice(0).filter((message) => !message.includes("400")), []);
  },
);

testPage("What the service refuses is taken back, and said", async (stage) => {
  const id = await addJob(stage, "nobody:knows", {}, { delay: "2h" });
  const page = await stage.look(`/admin/jobs/${id}`);
  await live(page);

  await page.context().clearCookies();
  await button(page, "Run now").first().click();
  await page.getByRole("alert").getByText("Cannot run the job now: ").waitFor();
  await shows(page, "Scheduled");
  assertEquals(await statusOf(stage, id), "scheduled");
  // The browser itself notes each answer of 401.
  assertEquals(stage.messages.splice(0).filter((message) => !message.includes("401")), []);
});

testPage("A job is followed while it runs: progress, log, its end", async (stage) => {
  await using _worker = await startWorker(stage);
  const lines = Array.from({ length: 450 }, (_, i) => `line ${i}.`);
  const id = await addJob(stage, "demo:run", {
    isHeld: true,
    lines,
    percent: 64,
    note: "page 41",
    result: { ok: 1 },
  });
  const page = await stage.look(`/admin/jobs/${id}`);
  await live(page);

  await page.getByText("64 %").waitFor();
  await page.getByText("page 41", { exact: true }).waitFor();
  await page.getByText("line 449.").waitFor();
  assert(await page.getByText("line 449.").isVisible());
  await page.getByRole("link", { name: "Warnings" }).click();
  await page.getByText("Nothing of this level so far.").waitFor();
  assert(page.url().endsWith("?level=warn"), page.url());
  await page.getByRole("link", { name: "All", exact: true }).click();

  await addJob(stage, "demo:go", null);
  await shows(page, "Completed");
  await page.getByRole("region", { name: "Result as JSON" }).getByText("ok").waitFor();
  await button(page, "Retry").waitFor();
  await page.getByText("150 earlier lines").click();
  await page.getByText("line 0.", { exact: true }).waitFor();
});

testPage("A running job is asked to stop", async (stage) => {
  await using _worker = await startWorker(stage);
  const id = await addJob(stage, "demo:run", { isHeld: true, percent: 1 });
  const page = await stage.look(`/admin/jobs/${id}`);
  await live(page);
  await shows(page, "Running");

  await button(page, "Cancel…").click();
  await button(page, "Cancel 1 job").click();
  await shows(page, "Cancelled");
  assertEquals(await statusOf(stage, id), "cancelled");
});

testPage(
  "A retry with edits becomes a new job, secrets kept, and says what is wrong with the edits",
  async (stage) => {
    const id = await addJob(stage, "nobody:knows", { to: "ada", password: "hunter2" });
    await stage.api("POST", `/jobs/${id}/cancel`);
    const page = await stage.look(`/admin/jobs/${id}`);
    await live(page);
    await button(page, "Retry with edits…").click();
    const text = page.locator("#edited");
    await page.getByRole("dialog").getByText("[redacted] keep").waitFor();
    await page.waitForFunction(() => document.querySelector("textarea")?.value.includes("ada"));

    await text.fill("{");
    await button(page, "Retry as a new job").click();
    await page.getByRole("alert").getByText("This is no JSON").waitFor();
    await text.fill('{ "to": "grace", "token": "[redacted]" }');
    await button(page, "Retry as a new job").click();
    await page.getByRole("alert").getByText("data.token").waitFor();
    await text.fill('{ "to": "grace", "password": "[redacted]" }');
    await button(page, "Retry as a new job").click();
    await page.getByText("Repeats").waitFor();
    await page.locator(".facts").getByRole("link", { name: id }).waitFor();
    await page.getByRole("region", { name: "Data as JSON" }).getByText("grace").waitFor();
    // The browser itself notes each answer of 400.
    assertEquals(stage.messages.splice(0).filter((message) => !message.includes("400")), []);
  },
);

testPage("Five mebibytes of data are shown piece by piece", async (stage) => {
  const rows = Array.from({ length: 60_000 }, (_, i) => ({ i, name: `row ${i}`, more: ["a", "b"] }));
  const id = await addJob(stage, "nobody:knows", { rows, text: "x".repeat(1_000_000) });
  const page = await stage.look(`/admin/jobs/${id}`);
  await live(page);
  const data = page.getByRole("region", { name: "Data as JSON" });

  await data.getByText("rows: [ 60,000 ]").waitFor();
  await data.getByRole("link", { name: "59,950 more" }).click();
  await data.getByRole("link", { name: "59,800 more" }).click();
  await data.getByRole("link", { name: "59,550 more" }).waitFor();
  await data.getByText("999,000 more characters").click();
  await data.getByText("979,000 more characters").waitFor();
  const nodes = await data.evaluate((element) => element.querySelectorAll("*").length);
  assert(nodes < 10_000, `${nodes}`);
});

testPage(
  "The page of a failed job counts, once it is there, what failed for the same cause",
  async (stage) => {
    await using _worker = await startWorker(stage);
    const id = await addDemo(stage, { failure: "no user 1" }, { maxAttempts: 1 });
    const page = await stage.look(`/admin/jobs/${id}`);
    await live(page);
    await page.getByRole("link", { name: "See it in Errors" }).waitFor();

    await addDemo(stage, { failure: "no user 2" }, { maxAttempts: 1 });
    await page.reload();
    await page.getByText("The same error hit 2 jobs, first at").waitFor();
    await page.getByRole("link", { name: "See all 2" }).click();
    await page.getByRole("heading", { name: "RangeError" }).waitFor();
  },
);

testPage("A paused queue is resumed from the page of a job that waits for it", async (stage) => {
  const id = await addJob(stage, "nobody:knows", {}, { queue: "mails" });
  await stage.api("POST", "/queues/mails/pause", { note: "ACME is down" });
  const page = await stage.look(`/admin/jobs/${id}`);
  await live(page);
  await page.getByText("By admin just now: “ACME is down”.").waitFor();

  await button(page, "Resume mails").click();
  await page.getByText("Queue mails is paused").waitFor({ state: "detached" });
  const { data } = await stage.api<{ data: { name: string; paused: boolean }[] }>("GET", "/queues");
  assertEquals(data.filter(({ paused }) => paused), []);
});

testPage("A job that is removed meanwhile says so, and so does one that never was", async (stage) => {
  const id = await addJob(stage, "nobody:knows", {});
  await stage.api("POST", `/jobs/${id}/cancel`);
  const page = await stage.look(`/admin/jobs/${id}`);
  await live(page);
  await shows(page, "Cancelled");

  await stage.api("DELETE", `/jobs/${id}`);
  await page.getByText("This job was removed").waitFor();
  assertEquals(await button(page, "Retry").count(), 0);
  await page.locator(".facts").getByText(id).waitFor(); // what is known of it stays
  assertEquals(await violations(page), []);
  await page.goto(`${stage.url}/admin/jobs/none`);
  await page.getByText("No job has this id").waitFor();
  assertEquals(await violations(page), []);
  // The browser itself notes each answer of 404.
  assertEquals(stage.messages.splice(0).filter((message) => !message.includes("404")), []);
});

testPage("The page of a job can be read without scripts, and changed by admins alone", async (stage) => {
  await using _worker = await startWorker(stage);
  const id = await addDemo(stage, { failure: "no user", lines: [HOSTILE] }, {
    maxAttempts: 1,
    tags: [HOSTILE],
  });
  const plain = await stage.look(`/admin/jobs/${id}?status=failed`, { scripts: false });
  await plain.getByText("RangeError: no user").first().waitFor();
  await plain.getByText("U+202E").first().waitFor();
  await plain.getByRole("link", { name: "Errors", exact: true }).last().click();
  await plain.getByText("Nothing of this level in 1 lines").waitFor();
  assert(plain.url().endsWith(`${id}?status=failed&level=error`), plain.url());

  const viewer = await stage.look(`/admin/jobs/${id}`, { role: "viewer" });
  await live(viewer);
  assertEquals(await viewer.locator(".head .btn:not(.bare)").count(), 0);
});
