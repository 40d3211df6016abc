import { assert, assertEquals } from "@std/assert";
import { fits, live, LOOKS, pause, testPage, violations } from "./stage.ts";

testPage(
  "/admin/queues looks right to axe in both themes, on a phone and on a wide screen",
  async (stage) => {
    await stage.addDemoJobs();
    await stage.api("POST", "/queues/reports/pause", { note: "https://acme.example/".padEnd(200, "x") });
    const longest = "q".repeat(100);
    await stage.api("POST", `/queues/${longest}/pause`);
    for (const look of LOOKS) {
      const page = await stage.look("/admin/queues", look);
      await live(page);

      assertEquals(await violations(page), [], JSON.stringify(look));
      assert(await fits(page), JSON.stringify(look));

      await page.getByRole("button", { name: "Pause mails…" }).click();
      await page.getByRole("dialog", { name: "Pause mails?" }).waitFor();
      assertEquals(await violations(page), [], JSON.stringify(look));
      assert(await fits(page), JSON.stringify(look));
    }
  },
);

testPage("/admin/queues pauses a queue at once, and shows what others do", async (stage) => {
  await stage.addDemoJobs();
  const page = await stage.look("/admin/queues");
  await live(page);

  await pause(page, "mails");
  await page.getByText("mails is paused").waitFor();
  await page.locator("nav .flag", { hasText: "1 paused" }).waitFor();
  assertEquals(await paused(stage), ["mails"]);

  await stage.api("POST", "/jobs", { type: "email:welcome", data: {}, options: { queue: "mails" } });
  await page.locator("[data-queue=mails] [data-label=Pending]", { hasText: "3" }).waitFor();
  await page.getByRole("button", { name: "Resume mails" }).first().click();
  await page.getByText("mails is paused").waitFor({ state: "detached" });
});

testPage("/admin/queues says who paused a queue and why, to all who look", async (stage) => {
  await stage.addDemoJobs();
  const [page, viewer] = [
    await stage.look("/admin/queues"),
    await stage.look("/admin/queues", { role: "viewer" }),
  ];
  for (const each of [page, viewer]) await live(each);

  await page.getByRole("button", { name: "Pause mails…" }).click();
  await page.getByRole("dialog").getByLabel("Why").waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  assertEquals(await paused(stage), []);

  const note = "ACME <b>is</b> \u202edown";
  await pause(page, "mails", ` ${note} `);
  await stage.api("POST", "/jobs", { type: "email:welcome", data: {}, options: { queue: "mails" } });
  for (const each of [page, viewer]) {
    await each.getByText("By admin just now: “ACME <b>is</b> U+202Edown”. 3 jobs wait").waitFor();
  }
  const { data } = await stage.api<{ data: { pause: { note: string } | null }[] }>("GET", "/queues");
  assertEquals(data.flatMap(({ pause }) => pause?.note ?? []), [note]);
  assert(await viewer.getByRole("button", { name: "Resume" }).count() === 0);
});

testPage("/admin/queues takes back what the service refuses, and says why", async (stage) => {
  await stage.addDemoJobs();
  const page = await stage.look("/admin/queues");
  await live(page);
  await page.getByRole("button", { name: "Pause mails…" }).click();
  await page.getByRole("dialog").getByLabel("Why").waitFor();
  await page.context().clearCookies();
  await page.keyboard.press("Enter");
  await page.getByRole("alert").getByText("Cannot pause mails: ").waitFor();
  await page.getByText("mails is paused").waitFor({ state: "detached" });
  await page.getByText("Signed out. Sign in").waitFor();
  assertEquals(await paused(stage), []);
  // The browser itself notes each answer of 401.
  const others = stage.messages.splice(0).filter((message) => !message.includes("401"));
  assertEquals(others, []);
});

testPage("/admin/queues can be read without scripts, and changed by admins alone", async (stage) => {
  await stage.addDemoJobs();
  const plain = await stage.look("/admin/queues", { scripts: false });
  await plain.getByRole("rowheader", { name: "mails" }).waitFor();
  assert(/^As of /.test(await plain.locator(".head .live").innerText()));

  const viewer = await stage.look("/admin/queues", { role: "viewer" });
  await live(viewer);
  assertEquals(await viewer.getByRole("button", { name: /^(Pause|Resume) (?!updates)/ }).count(), 0);
});

async function paused(stage: { api<T>(method: string, path: string): Promise<T> }): Promise<string[]> {
  const { data } = await stage.api<{ data: { name: string; paused: boolean }[] }>("GET", "/queues");
  return data.filter((queue) => queue.paused).map(({ name }) => name);
}
