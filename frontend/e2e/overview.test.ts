import { assert, assertEquals } from "@std/assert";
import { fits, live, LOOKS, type Page, testPage, violations } from "./stage.ts";

/** The panel with the chart. */
const chartOf = (page: Page) => page.getByRole("region", { name: "Throughput" });

testPage("The overview looks right to axe in both themes, on a phone and on a wide screen", async (stage) => {
  await stage.addDemoJobs();
  for (const look of LOOKS) {
    for (const path of ["/admin/jobs?range=1h", "/admin/jobs?chart=table&times=wait"]) {
      const page = await stage.look(path, look);
      await live(page);

      assertEquals(await violations(page), [], `${path} ${JSON.stringify(look)}`);
      assert(await fits(page), `${path} ${JSON.stringify(look)}`);
    }
  }
});

testPage("The overview shows what ends as it ends, and what a bar stands for", async (stage) => {
  const page = await stage.look("/admin/jobs?range=1h");
  await live(page);
  await page.getByText("No job has ended in the last 1h").waitFor();

  await stage.api("POST", "/jobs", {
    type: "webhook:send",
    data: { url: "http://127.0.0.1:1/" },
    options: { maxAttempts: 1 },
  });
  await chartOf(page).getByText("0 completed · 1 failed · 0 %").waitFor();
  await page.getByRole("region", { name: "Figures by type" }).getByRole("link", { name: "webhook:send" })
    .waitFor();
  const bar = page.locator(".chart rect[data-status=failed]");
  await bar.hover();
  await chartOf(page).getByText(/^\w+ \d+, \d\d:\d\d: 0 completed, 1 failed$/).waitFor();
  await page.mouse.move(0, 0);
  await chartOf(page).getByText("Completed above").waitFor();
});

testPage("The overview moves nothing when scripts begin, and can be read without them", async (stage) => {
  await stage.addDemoJobs();
  const place = (page: Page) => page.locator(".overview").boundingBox();
  const plain = await stage.look("/admin/jobs", { scripts: false });
  const scripted = await stage.look("/admin/jobs");
  await live(scripted);
  assertEquals(await place(plain), await place(scripted));

  await plain.getByRole("link", { name: "7d" }).click();
  await plain.getByRole("link", { name: "View as table" }).click();
  await plain.getByRole("link", { name: "Wait" }).click();
  await chartOf(plain).getByRole("columnheader", { name: "Completed" }).waitFor();
  assertEquals(new URL(plain.url()).search, "?range=7d&chart=table&times=wait");
  const { height } = await place(plain) ?? {};
  assertEquals(height, (await place(scripted))?.height);
});
