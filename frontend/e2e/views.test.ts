import { assert, assertEquals } from "@std/assert";
import { fits, live, LOOKS, testPage, violations } from "./stage.ts";

testPage("A saved view is named over its list and over its jobs, at any width", async (stage) => {
  await stage.addDemoJobs();
  const [filter, path] = ["tag:vip", "/admin/jobs?tag=vip"];
  await stage.api("PUT", `/views/${encodeURIComponent("VIP in the EU")}`, { filter });
  for (const look of LOOKS) {
    const page = await stage.look(path, look);
    await live(page);
    const place = page.getByRole("navigation", { name: "Place" });
    await place.getByText("VIP in the EU").waitFor();
    assertEquals(await violations(page), [], JSON.stringify(look));
    assert(await fits(page), JSON.stringify(look));

    await page.locator("tr[data-id] a").first().click();
    await place.getByRole("link", { name: "VIP in the EU" }).waitFor();
    await live(page);
    assertEquals(await violations(page), [], JSON.stringify(look));
    assert(await fits(page), JSON.stringify(look));
    await place.getByRole("link", { name: "VIP in the EU" }).click();
    await page.waitForURL(`**${path}`);
    await place.getByRole("link", { name: "Jobs" }).click();
    await page.waitForURL("**/admin/jobs");
    assertEquals(await place.count(), 0);
    await page.context().close();
  }
});

testPage("The longest name of a view, in one word, leaves its page as wide as the window", async (stage) => {
  await stage.addDemoJobs();
  await stage.api("PUT", `/views/${"W".repeat(60)}`, { filter: "tag:vip" });
  const page = await stage.look("/admin/jobs?tag=vip", { width: 360 });
  await live(page);
  assert(await fits(page));
  await page.locator("tr[data-id] a").first().click();
  await page.getByRole("navigation", { name: "Place" }).getByRole("link", { name: /^W+$/ }).waitFor();
  assert(await fits(page));
});

testPage("A view that is saved or removed is named at once, or no more", async (stage) => {
  const page = await stage.look("/admin/jobs?status=failed");
  await live(page);
  const place = page.getByRole("navigation", { name: "Place" });
  const confirm = async (name: string) => {
    await page.getByRole("dialog").getByRole("button", { name }).click();
  };
  assertEquals(await place.count(), 0);

  await page.getByRole("button", { name: "Save view" }).click();
  await page.getByLabel("Name, for all who look").fill("Failed jobs");
  await confirm("Save view");
  await place.getByText("Failed jobs").waitFor();

  await page.getByRole("button", { name: "Remove view" }).click();
  await confirm("Remove view");
  await place.waitFor({ state: "detached" });
});
