import { assert, assertEquals } from "@std/assert";
import { fits, live, LOOKS, type Stage, testPage, violations } from "./stage.ts";

/** A type with a handler, whose jobs fail with the status that the service itself answers. */
const TYPE = "webhook:send";

/** Jobs that fail at once and for good; `path` says with which answer. */
async function fail(stage: Stage, ...paths: string[]): Promise<void> {
  for (const path of paths) {
    const { id } = await stage.api<{ id: string }>("POST", "/jobs", {
      type: TYPE,
      data: { url: `http://127.0.0.1:1/${path}` },
      options: { maxAttempts: 1 },
    });
    await stage.api("GET", `/jobs/${id}?wait=20s`);
  }
}

testPage(
  "/admin/errors looks right to axe in both themes, on a phone and on a wide screen",
  async (stage) => {
    await fail(stage, "a", "<script>alert(1)</script>\u202e\u200b");
    const { data } = await stage.api<{ data: { fingerprint: string }[] }>("GET", "/errors");
    for (const look of LOOKS) {
      for (const path of [`/admin/errors?open=${data[0]?.fingerprint}`, "/admin/errors?type=none"]) {
        const page = await stage.look(path, look);
        await live(page);

        assertEquals(await violations(page), [], JSON.stringify(look));
        assert(await fits(page), JSON.stringify(look));
      }
    }
  },
);

testPage("/admin/errors shows what fails as it fails, and runs all of a cause again", async (stage) => {
  const page = await stage.look("/admin/errors");
  await live(page);
  await page.getByText("Nothing has failed in the last 24h").waitFor();

  await fail(stage, "a", "b");
  await page.getByRole("button", { name: "Retry all 2" }).click();
  await page.getByText("Retrying 2 jobs").waitFor();
  await page.locator("[data-label=Attempts]", { hasText: "4" }).waitFor();
  await page.getByRole("button", { name: "Retry all 2" }).waitFor();
});

testPage("/admin/errors says why the jobs of a cause cannot be run again", async (stage) => {
  await fail(stage, "a");
  const page = await stage.look("/admin/errors");
  await live(page);
  await page.context().clearCookies();
  await page.getByRole("button", { name: "Retry 1" }).click();
  await page.getByRole("alert").getByText("Cannot retry 1 job: ").waitFor();
  await page.getByRole("button", { name: "Retry 1" }).waitFor();
  // The browser itself notes each answer of 401.
  assertEquals(stage.messages.splice(0).filter((message) => !message.includes("401")), []);
});

testPage(
  "/admin/errors can be read and filtered without scripts, and changed by admins alone",
  async (stage) => {
    await fail(stage, "a");
    const plain = await stage.look("/admin/errors?range=7d", { scripts: false });
    await plain.locator(".cause").first().click();
    await plain.getByRole("region", { name: "Stack" }).waitFor();
    await plain.getByLabel("Type").selectOption(TYPE);
    await plain.getByRole("button", { name: "Show" }).click();
    await plain.getByRole("cell", { name: TYPE }).waitFor();
    const { searchParams } = new URL(plain.url());
    assertEquals([searchParams.get("range"), searchParams.get("type")], ["7d", TYPE]);

    const viewer = await stage.look("/admin/errors", { role: "viewer" });
    await live(viewer);
    assertEquals(await viewer.getByRole("button", { name: /^Retry/ }).count(), 0);
  },
);

testPage(
  "The menu says on every page which errors are new in a version that has just been released",
  async (stage) => {
    await fail(stage, "a");
    await stage.stop();
    await stage.startAgain({ APP_VERSION: "v2", ALLOW_PRIVATE_URLS: "true" }); // whose jobs fail otherwise
    const page = await stage.look("/admin/queues");
    await live(page);
    assertEquals(await page.locator("nav .flag").count(), 0);
    await fail(stage, "a");

    const flag = page.getByRole("link", { name: "Errors 1 new" });
    await page.goto(`${stage.url}/admin/workers`);
    await flag.waitFor();
    assertEquals(await violations(page), []);
  },
);
