import { assert, assertEquals } from "@std/assert";
import { Releases } from "../backend/lib/releases.ts";
import { Pages } from "./testing/pages.ts";

const HOUR = 3_600_000;

/** A day on which jobs of two types ran: now and then one fails. */
async function setup(): Promise<Pages> {
  const pages = new Pages({ queue: { maxAttempts: 1 } });
  const { clock, queue } = pages.api;
  queue.process("mail", () => clock.advance(40));
  queue.process<boolean>("report:build", (job) => {
    clock.advance(9000);
    if (job.data) throw new Error("no");
  });
  await queue.addMany([{ type: "mail", data: 0 }, { type: "mail", data: 0 }, { type: "mail", data: 0 }]);
  await queue.drain();
  clock.advance(2 * HOUR);
  await queue.addMany([{ type: "report:build", data: true }, { type: "report:build", data: false }]);
  await queue.drain();
  return pages;
}

/** The part of the page that tells how it went. */
function overviewOf(html: string): string {
  return /<div class="two fill overview">.*?<\/section>\s*<\/div>/s.exec(html)?.[0] ?? "";
}

const count = (html: string, part: RegExp) => [...html.matchAll(part)].length;

Deno.test("/admin/jobs tells without scripts how jobs fared, over time and by type", async () => {
  await using pages = await setup();

  const { status, html, text } = await pages.get("/admin/jobs");

  assertEquals(status, 200);
  assert(text.includes("Throughput 4 completed · 1 failed · 80 %"), text);
  const overview = overviewOf(html);
  assert(overview.includes('aria-label="Jobs per 15 min in the last 24h: 4 completed, 1 failed."'), overview);
  assertEquals(count(overview, /<rect(?![^>]*data-status)[^>]*>/g), 2);
  assertEquals(count(overview, /<rect[^>]*data-status="failed"[^>]*>/g), 1);
  assert(/mail 3 100 % (?:\d+ ms ){3}/.test(text), text);
  assert(/report:build 2 50 % (?:[\d.]+ s ){3}/.test(text), text);
  assert(text.includes("All 5 80 %"), text);
  assert(overview.includes('href="/admin/jobs?type=report%3Abuild"'), overview);
});

Deno.test("/admin/jobs shows the range, the times and the form that its address asks for, and keeps the rest of it", async () => {
  await using pages = await setup();

  const hour = await pages.get("/admin/jobs?status=failed&range=1h&times=wait");
  assert(hour.text.includes("Throughput 1 completed · 1 failed · 50 %"), hour.text);
  assert(overviewOf(hour.html).includes("Jobs per minute in the last 1h"));
  assert(
    hour.html.includes('<a href="?status=failed&amp;range=7d&amp;times=wait" aria-current="false">7d</a>'),
  );
  assert(
    hour.html.includes('<a href="?status=failed&amp;range=1h&amp;times=wait" aria-current="page">Wait</a>'),
  );

  const table = await pages.get("/admin/jobs?chart=table");
  assert(table.text.includes("From Completed Failed Jan 1, 02:00 1 1 Jan 1, 01:45 0 0"), table.text);
  assertEquals(count(overviewOf(table.html), /<rect/g), 0);

  const week = await pages.get("/admin/jobs?range=7d");
  assert(overviewOf(week.html).includes("Jobs per 2 h in the last 7d"));
  assert((await pages.get("/admin/jobs?range=<x>&times=y&chart=z")).text.includes("Throughput 4 completed"));
});

Deno.test("/admin/jobs marks where another version took over", async () => {
  await using pages = await setup();
  const releases = new Releases(pages.api.queue);
  for (const version of ["v1", "<b>v2</b>"]) {
    await releases.begin(version);
    pages.api.clock.advance(HOUR / 2);
  }

  const overview = overviewOf((await pages.get("/admin/jobs")).html);

  assertEquals(count(overview, /<g class="mark">/g), 1);
  assert(overview.includes("&lt;b>v2&lt;/b></text>"), overview);
  assert(overview.includes("Version &lt;b>v2&lt;/b> since Jan 1, 02:30."), overview);
  pages.api.clock.advance(25 * HOUR);
  assertEquals(count(overviewOf((await pages.get("/admin/jobs")).html), /<g class="mark">/g), 0);
});

Deno.test("/admin/jobs says where nothing has run, and never that all went well when one failed", async () => {
  await using pages = new Pages({ queue: { maxAttempts: 1 } });
  const { text, html } = await pages.get("/admin/jobs");
  assert(text.includes("Throughput 0 completed · 0 failed 1h"), text);
  assert(text.includes("No job has ended in the last 24h"), text);
  assertEquals(count(overviewOf(html), /<rect/g), 0);

  pages.api.queue.process<number>("a", (job) => {
    if (job.data === 0) throw new Error("no");
  });
  await pages.api.queue.addMany(Array.from({ length: 3000 }, (_, i) => ({ type: "a", data: i })));
  await pages.api.queue.drain();
  assert((await pages.get("/admin/jobs")).text.includes("2,999 completed · 1 failed · 99.9 %"));
});

Deno.test("/admin/jobs escapes the names of types in its overview", async () => {
  await using pages = new Pages();
  const type = '"><script>alert(1)</script>\u202e';
  pages.api.queue.process(type, () => {});
  await pages.api.queue.add(type, 0);
  await pages.api.queue.drain();

  const { html } = await pages.get("/admin/jobs");

  assert(!html.includes("<script>alert"), html);
  assert(overviewOf(html).includes("&lt;script>alert(1)"), html);
});
