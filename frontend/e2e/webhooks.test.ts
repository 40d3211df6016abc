import { assert, assertEquals } from "@std/assert";
import { fits, inset, live, LOOKS, type Page, type Stage, testPage, violations } from "./stage.ts";

/** A name that leads nowhere, on no network. */
const NOWHERE = "https://nowhere.invalid/hooks";

const HOSTILE = "<script>alert(1)</script>\u202e\u200b بيانات";

interface Endpoint {
  id: string;
  url: string;
  enabled: boolean;
  types: string[];
  headers: Record<string, string>;
  secrets: unknown[];
}

/** Makes an endpoint that is told of every job that is added. */
async function make(stage: Stage, fields: Record<string, unknown> = {}): Promise<string> {
  const body = { url: NOWHERE, events: ["job.added"], ...fields };
  return (await stage.api<Endpoint>("POST", "/webhooks", body)).id;
}

/** A page of it that is live. */
async function look(stage: Stage, path: string, options: Parameters<Stage["look"]>[1] = {}): Promise<Page> {
  const page = await stage.look(path, options);
  await live(page);
  return page;
}

/** What the browser itself notes of refused requests is no fault. */
function forgetRefusals(stage: Stage, status: number): void {
  const others = stage.messages.splice(0).filter((message) => !message.includes(String(status)));
  assertEquals(others, []);
}

testPage(
  "/admin/webhooks and its pages look right to axe in both themes, on phones and wide screens",
  async (stage) => {
    const id = await make(stage, { description: HOSTILE, tags: ["vip"], headers: { "X-Team": "mail" } });
    await make(stage, { enabled: false, types: ["email"] });
    await stage.api("POST", "/jobs", { type: "a", data: HOSTILE, options: { tags: ["vip"] } });
    const first = await look(stage, `/admin/webhooks/${id}`);
    await first.getByText("1 failure").waitFor();
    for (const each of LOOKS) {
      const page = await stage.look("/admin/webhooks", each);
      for (
        const path of ["", "?do=new", `/${id}`, `/${id}?do=edit`, `/${id}?do=rotate`, `/${id}?do=remove`]
      ) {
        await page.goto(`${stage.url}/admin/webhooks${path}`);
        await live(page);

        assertEquals(await violations(page), [], path + JSON.stringify(each));
        assert(await fits(page), path + JSON.stringify(each));
        if (path === `/${id}`) assertEquals(await inset(page, "[data-fresh=facts] > *"), 17); // border and padding
      }
    }
  },
);

testPage(
  "/admin/webhooks makes an endpoint, says what is wrong where it is, and shows its secret once",
  async (stage) => {
    const page = await look(stage, "/admin/webhooks");
    await page.getByRole("button", { name: "New endpoint…" }).click();
    assertEquals(new URL(page.url()).search, "?do=new");
    await page.getByLabel("URL").fill("ftp://example.com");
    await page.getByLabel("Tags").fill(`ok, ${"x".repeat(100)}`);
    await page.getByRole("button", { name: "Make endpoint" }).click();
    await page.getByText("must begin with https:// or http://").waitFor();
    await page.getByText(/^number 2 must have/).waitFor();
    assertEquals(await violations(page), []);
    forgetRefusals(stage, 400);

    await page.getByLabel("URL").fill(NOWHERE);
    await page.getByLabel("Tags").fill("");
    await page.getByLabel("Types").fill("email, file:import");
    await page.getByLabel("Headers to send along").fill("X-Team: mail");
    await page.getByRole("button", { name: "Make endpoint" }).click();
    await page.getByText("it is shown this once").waitFor();
    const secret = await page.locator(".secret").innerText();
    assert(/^whsec_/.test(secret), secret);
    assertEquals(await violations(page), []);
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await page.getByRole("button", { name: "Copy secret" }).click();
    await page.getByRole("button", { name: "Copied" }).waitFor();
    assertEquals(await page.evaluate(() => navigator.clipboard.readText()), secret);
    await page.getByRole("button", { name: "Done" }).click();

    await page.getByRole("link", { name: "nowhere.invalid/hooks" }).waitFor();
    assertEquals(new URL(page.url()).search, "");
    const { data: [made] } = await stage.api<{ data: Endpoint[] }>("GET", "/webhooks");
    assertEquals(made?.types, ["email", "file:import"]);
    assertEquals(Object.keys(made?.headers ?? {}), ["X-Team"]);
    assert(!(await page.content()).includes(secret));
  },
);

testPage("/admin/webhooks switches an endpoint at once, and takes back what is refused", async (stage) => {
  const id = await make(stage);
  const page = await look(stage, "/admin/webhooks");
  const toggle = page.getByRole("switch", { name: "nowhere.invalid/hooks enabled" });
  const isOn = (isOn: boolean) => page.locator(`.switch[aria-checked=${isOn}]`).waitFor();
  const saved = page.waitForResponse((response) => response.request().method() === "PATCH");
  await toggle.click();
  await isOn(false);
  await saved;
  assertEquals((await stage.api<Endpoint>("GET", `/webhooks/${id}`)).enabled, false);

  await page.context().clearCookies();
  await toggle.click();
  await page.getByRole("alert").getByText("Cannot enable nowhere.invalid/hooks: ").waitFor();
  await isOn(false);
  forgetRefusals(stage, 401);
});

testPage(
  "/admin/webhooks/:id changes an endpoint, replaces its secret, and removes it when asked twice",
  async (stage) => {
    const id = await make(stage, { headers: { "X-Team": "mail" } });
    const page = await look(stage, `/admin/webhooks/${id}`);
    await page.getByRole("button", { name: "Edit…" }).click();
    assertEquals(await page.getByLabel("Headers to send along").inputValue(), "X-Team: [redacted]");
    await page.getByLabel("Description").fill("Tells the CRM");
    await page.getByRole("button", { name: "Save changes" }).click();
    await page.getByText("Tells the CRM").waitFor();

    await page.getByRole("button", { name: "Replace secret…" }).click();
    await page.getByText("For a day messages are signed with the old secret as well").waitFor();
    await page.getByRole("button", { name: "Replace 1 secret" }).click();
    assert(/^whsec_/.test(await page.locator(".secret").innerText()));
    await page.getByRole("button", { name: "Done" }).click();
    await page.getByText("one before is good until").waitFor();
    assertEquals((await stage.api<Endpoint>("GET", `/webhooks/${id}`)).secrets.length, 2);
    await page.getByRole("button", { name: "Replace secret…" }).click();
    await page.getByLabel("The old one is good").selectOption("no more");
    await page.getByRole("button", { name: "Replace 1 secret" }).click();
    await page.getByText("Nothing is signed with the old secret any more").waitFor();
    await page.getByRole("button", { name: "Done" }).click();
    await page.getByText("one before is good until").waitFor({ state: "detached" });

    await page.getByRole("button", { name: "Remove…" }).click();
    await page.getByRole("button", { name: "Keep it" }).click();
    await page.getByRole("button", { name: "Remove…" }).click();
    await page.getByRole("button", { name: "Remove 1 endpoint" }).click();
    await page.getByText("No endpoints so far").waitFor();
    assertEquals((await stage.api<{ data: unknown[] }>("GET", "/webhooks")).data, []);
  },
);

testPage("/admin/webhooks/:id shows deliveries as they come, and sends one again", async (stage) => {
  const id = await make(stage);
  const page = await look(stage, `/admin/webhooks/${id}`);
  await page.getByText("Nothing was sent so far").waitFor();
  await stage.api("POST", "/jobs", { type: "a", data: 1, options: { jobId: "told" } });
  const row = page.locator("[data-delivery]");
  await row.getByText("Retrying").waitFor();
  assertEquals(await row.getByRole("link", { name: "told" }).getAttribute("href"), "/ops/admin/jobs/told");
  await row.getByText("nowhere.invalid").waitFor();
  assertEquals(await row.getByRole("button").count(), 0); // it is sent again anyway

  await stage.api("POST", `/jobs/${await row.getAttribute("data-delivery")}/cancel`);
  await row.getByRole("button", { name: "Send added of told again" }).click();
  await page.getByText("It is sent again").waitFor();
  await page.getByRole("link", { name: "sent again" }).waitFor();
  await page.getByRole("link", { name: "cancelled" }).click();
  await live(page);
  assertEquals(await page.locator("[data-delivery]").count(), 1);
});

testPage("/admin/webhooks can be read without scripts, and changed by admins alone", async (stage) => {
  const id = await make(stage, { enabled: false });
  const plain = await stage.look("/admin/webhooks", { scripts: false });
  await plain.getByRole("link", { name: "nowhere.invalid/hooks" }).click();
  await plain.getByText("Nothing was sent so far").waitFor();

  for (const path of ["", `/${id}?do=edit`]) {
    const viewer = await look(stage, `/admin/webhooks${path}`, { role: "viewer" });
    assertEquals(await viewer.getByRole("switch").count(), 0);
    assertEquals(await viewer.locator("main button:not([aria-label='Pause updates'])").count(), 0);
  }
});
