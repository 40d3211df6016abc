import { assert, assertEquals } from "@std/assert";
import { Service } from "../../backend/testing/service.ts";
import { fits, live, LOOKS, type Stage, testPage, violations } from "./stage.ts";

/** Starts another process on the data of the stage, and waits until it is registered. */
async function startWorker(stage: Stage, id: string): Promise<Service> {
  const args = ["worker", "--worker-id", id, "--types", "webhook"];
  const worker = new Service(stage.folder, "backend/cli.ts", args);
  await worker.said(/Worker .* runs/);
  return worker;
}

testPage(
  "/admin/workers looks right to axe in both themes, on a phone and on a wide screen",
  async (stage) => {
    await stage.addDemoJobs();
    await using worker = await startWorker(stage, "mail-2");
    const first = await stage.look("/admin/workers");
    await live(first);
    await first.locator("[data-worker=mail-2]").waitFor();
    worker.kill("SIGKILL");
    await first.getByText("mail-2 is dead").waitFor();
    for (const look of LOOKS) {
      const page = await stage.look("/admin/workers", look);
      await live(page);
      await page.getByText("mail-2 is dead").waitFor();

      assertEquals(await violations(page), [], JSON.stringify(look));
      assert(await fits(page), JSON.stringify(look));
    }
  },
);

testPage("/admin/workers stops a worker when asked twice, and shows that at once", async (stage) => {
  await using worker = await startWorker(stage, "mail-1");
  const page = await stage.look("/admin/workers");
  await live(page);
  const row = page.locator("[data-worker=mail-1]");

  await row.getByRole("button", { name: "Stop mail-1…" }).click();
  await page.getByRole("button", { name: "Let it run" }).click();
  await row.getByRole("button", { name: "Stop mail-1…" }).click();
  assertEquals(await violations(page), []);
  await page.getByRole("button", { name: "Stop 1 worker" }).click();

  assertEquals((await worker.ended).code, 0);
  await row.waitFor({ state: "detached" });
});

testPage("/admin/workers marks a worker that dies, and cleans it up", async (stage) => {
  await using worker = await startWorker(stage, "mail-2");
  const page = await stage.look("/admin/workers");
  await live(page);
  await page.locator("[data-worker=mail-2]").waitFor();

  worker.kill("SIGKILL");
  await page.getByText("mail-2 is dead").waitFor();
  await page.locator("nav .flag", { hasText: "1 dead" }).waitFor();
  await page.getByRole("button", { name: "Clean up 1 dead worker" }).click();

  await page.locator("[data-worker=mail-2]").waitFor({ state: "detached" });
  await page.getByText("Cleaned up 1 dead worker").waitFor();
  assertEquals(await workersOf(stage, "mail-2"), []);
});

testPage(
  "/admin/workers cleans up one dead worker at once, and takes that back if it is refused",
  async (stage) => {
    await using worker = await startWorker(stage, "mail-2");
    const page = await stage.look("/admin/workers");
    await live(page);
    const row = page.locator("[data-worker=mail-2]");
    await row.waitFor();
    worker.kill("SIGKILL");
    const button = row.getByRole("button", { name: "Clean up mail-2" });
    await button.waitFor();

    await page.route("**/api/admin/workers/mail-2", (route) => route.abort(), { times: 1 });
    await button.click();
    await page.getByRole("alert").getByText("Cannot clean up mail-2: the service did not answer").waitFor();
    const answer = page.waitForResponse((response) => response.request().method() === "DELETE");
    await button.click();
    await row.waitFor({ state: "detached" });
    await page.getByText("mail-2 is dead").waitFor({ state: "detached" });
    assertEquals((await answer).status(), 200);
    assertEquals(await workersOf(stage, "mail-2"), []);
    assertEquals(stage.messages.splice(0).filter((message) => !message.includes("ERR_FAILED")), []);
  },
);

testPage("/admin/workers tells of jobs that no worker runs, as soon as they come", async (stage) => {
  const page = await stage.look("/admin/workers");
  await live(page);
  await stage.api("POST", "/jobs", { type: "nobody:knows", data: "<script>" });
  await page.getByText("No worker for nobody:knows").waitFor();
  const link = page.getByRole("link", { name: "See the 1 job of type nobody:knows" });
  assertEquals(await link.getAttribute("href"), "/ops/admin/jobs?status=pending&type=nobody%3Aknows");
});

testPage("/admin/workers takes back what the service refuses, and says why", async (stage) => {
  const page = await stage.look("/admin/workers");
  await live(page);
  await page.context().clearCookies();
  await page.getByRole("button", { name: /^Stop .*…$/ }).click();
  await page.getByRole("button", { name: "Stop 1 worker" }).click();
  await page.getByRole("alert").getByText(/^Cannot stop /).waitFor();
  await page.getByRole("button", { name: /^Stop .*…$/ }).waitFor();
  const others = stage.messages.splice(0).filter((message) => !message.includes("401"));
  assertEquals(others, []);
});

testPage("/admin/workers can be read without scripts, and changed by admins alone", async (stage) => {
  const plain = await stage.look("/admin/workers", { scripts: false });
  await plain.getByText("0 of 5 slots busy on 1 live worker").waitFor();

  const viewer = await stage.look("/admin/workers", { role: "viewer" });
  await live(viewer);
  assertEquals(await viewer.getByRole("button", { name: /^(Stop|Clean up)/ }).count(), 0);
});

async function workersOf(stage: Stage, id: string): Promise<unknown[]> {
  const { data } = await stage.api<{ data: { id: string }[] }>("GET", "/workers");
  return data.filter((worker) => worker.id === id);
}
