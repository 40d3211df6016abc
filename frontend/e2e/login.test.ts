import { assert, assertEquals } from "@std/assert";
import { fits, LOOKS, testPage, violations } from "./stage.ts";

testPage("A login link signs in once, and its code is not left in the address", async (stage) => {
  const link = stage.loginLink().replace("/login#", "/login?next=%2Fops%2Fadmin%2Fqueues#");
  const page = await stage.look("/health/live", { role: null });
  await page.goto(link);
  await page.waitForFunction(() => location.hash === "");
  assert(await page.locator("#secret").inputValue() !== "");

  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { name: "Queues", exact: true }).waitFor();
  await page.getByText("Signed in as admin").waitFor();
  await page.getByText(/^Cronosaur [\d.]+ · Deno KV$/).waitFor();

  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  await page.goto(`${stage.url}/admin/queues`);
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
});

testPage(
  "A wrong token is told so, and the right one leads to the page that was asked for",
  async (stage) => {
    const page = await stage.look("/admin/queues", { role: null, scripts: false });
    await page.locator("#secret").fill("wrong");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("alert").waitFor();
    assertEquals(stage.messages.splice(0).filter((message) => !message.includes("401")), []);

    await page.locator("#secret").fill(stage.token("viewer"));
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByText("Signed in as viewer").waitFor();
    assertEquals(new URL(page.url()).pathname, "/ops/admin/queues");
  },
);

testPage(
  "The login page looks right to axe in both themes, on a phone and on a wide screen",
  async (stage) => {
    for (const look of LOOKS) {
      const page = await stage.look("/admin/login", { role: null, ...look });
      await page.getByRole("heading", { name: "Sign in" }).waitFor();

      assertEquals(await violations(page), [], JSON.stringify(look));
      assert(await fits(page), JSON.stringify(look));
    }
  },
);

testPage("What is not there is a page that looks right to axe too", async (stage) => {
  for (const look of LOOKS) {
    const page = await stage.look("/admin/nothing/here", look);
    await page.getByRole("heading", { name: "There is nothing here" }).waitFor();

    assertEquals(await violations(page), [], JSON.stringify(look));
    assert(await fits(page), JSON.stringify(look));
  }
  assertEquals(stage.messages.splice(0).filter((message) => !message.includes("404")), []);
});
