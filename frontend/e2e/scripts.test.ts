import { assert, assertEquals } from "@std/assert";
import type { Request } from "playwright-core";
import { Service } from "../../backend/testing/service.ts";
import { live, type Page, type Stage, testPage } from "./stage.ts";

/** The most that a page may load while nobody touches it, in bytes of scripts as they are sent. */
const MOST = 15_000;

/** Those with charts may load more. */
const MORE: Readonly<Record<string, number>> = { jobs: 40_000 };

/** Adds a job that stays as it is. @returns The path of its page. */
async function addJob(stage: Stage, body: object, wait = ""): Promise<string> {
  const { id } = await stage.api<{ id: string }>("POST", "/jobs", body);
  await stage.api("GET", `/jobs/${id}${wait}`);
  return `jobs/${id}`;
}

/** Jobs of every status, by that, and pages that are about one thing. */
async function pathsOf(stage: Stage): Promise<Record<string, string>> {
  const demo = (data: object) => ({ type: "demo:run", data, options: { maxAttempts: 1 } });
  const [completed, failed] = await Promise.all([
    addJob(stage, demo({ result: 1 }), "?wait=30s"),
    addJob(stage, demo({ failure: "no user" }), "?wait=30s"),
  ]);
  const { id } = await stage.api<{ id: string }>("POST", "/webhooks", { url: "https://example.com/hooks" });
  await stage.api("POST", "/schedules", { name: "daily", expression: "@daily", job: { type: "demo:run" } });
  return {
    completed,
    failed,
    pending: await addJob(stage, { type: "nobody:knows" }),
    scheduled: await addJob(stage, { type: "nobody:knows", options: { delay: "2h" } }),
    running: await addJob(stage, demo({ isHeld: true, lines: ["one"], percent: 40 })),
    schedule: "schedules/daily",
    webhook: `webhooks/${id}`,
    ...Object.fromEntries(
      ["jobs", "errors", "schedules", "workers", "queues", "webhooks", "audit"].map((name) => [name, name]),
    ),
  };
}

/** How much `page` loads at an address until it is live and has nothing else to do. */
async function sizeAt(page: Page, url: string): Promise<number> {
  const scripts: Request[] = [];
  const onRequest = (request: Request) => {
    if (request.resourceType() === "script") scripts.push(request);
  };
  page.on("request", onRequest);
  await page.goto(url);
  await live(page);
  await page.evaluate(() => new Promise((done) => requestIdleCallback(done)));
  page.off("request", onRequest);
  await Promise.all(scripts.map(async (request) => await (await request.response())?.finished()));
  const sizes = await page.evaluate(() =>
    (performance.getEntriesByType("resource") as PerformanceResourceTiming[])
      .filter(({ name }) => name.endsWith(".js")).map(({ encodedBodySize }) => encodedBodySize)
  );
  assertEquals(sizes.length, scripts.length, url);
  assert(sizes.every((size) => size > 0), url);
  return sizes.reduce((sum, size) => sum + size, 0);
}

testPage("A page that nobody touches loads few scripts, those that come later counted", async (stage) => {
  await using worker = new Service(stage.folder, "backend/testing/demo-worker.ts");
  await worker.said(/Ready/);
  const page = await stage.look("/health/live");
  const tooLarge: string[] = [];
  for (const [name, path] of Object.entries(await pathsOf(stage))) {
    const [size, most] = [await sizeAt(page, `${stage.url}/admin/${path}`), MORE[name] ?? MOST];
    if (size > most) tooLarge.push(`${name}: ${size} of ${most} bytes`);
  }
  assertEquals(tooLarge, []);
});
