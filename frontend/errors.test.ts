import { assert, assertEquals } from "@std/assert";
import { Releases } from "../backend/lib/releases.ts";
import { Pages } from "./testing/pages.ts";

const HOUR = 3_600_000;

/** A dashboard over jobs that fail as their data says. */
function failing(): Pages {
  const pages = new Pages({ app: { basePath: "/ops" }, queue: { maxAttempts: 1 } });
  for (const type of ["mail", "mail:send", "report"]) {
    pages.api.queue.process<string>(type, (job) => {
      throw job.data.startsWith("Range") ? new RangeError(job.data) : new Error(job.data);
    });
  }
  return pages;
}

async function fail({ api: { queue } }: Pages, type: string, ...messages: string[]): Promise<void> {
  await queue.addMany(messages.map((data) => ({ type, data })));
  await queue.drain();
}

/** The addresses that a page links to. */
function links(html: string): string[] {
  return [...html.matchAll(/ href="([^"]+)"/g)].map(([, href = ""]) => href.replaceAll("&amp;", "&"));
}

Deno.test("/admin/errors groups failures by their cause, without scripts", async () => {
  await using pages = failing();
  await fail(pages, "mail:send", "No user 1", "No user 22");
  pages.api.clock.advance(2 * HOUR);
  await fail(pages, "mail:send", "No user 3");
  await fail(pages, "report", "Range 7");
  pages.api.clock.advance(60_000);

  const { status, html, text } = await pages.get("/admin/errors");

  assertEquals(status, 200);
  assert(html.includes("<title>Errors · Cronosaur</title>"));
  assert(text.includes("4 failed attempts in the last 24h, 2 causes Failures by cause Cause"), text);
  assert(text.includes("Error No user # mail:send 3 3 1 min ago first 00:00:00 Retry all 3"), text);
  assert(text.includes("RangeError Range # report 1 1 1 min ago first 02:00:00 Retry 1"), text);
  assert(html.includes('aria-label="Error per 1 h, 3 in the last 24h"'), html);
});

Deno.test("/admin/errors shows the last failure of the cause that is open, and leads to its jobs", async () => {
  await using pages = failing();
  await fail(pages, "mail", "Range 1", "Range 2 <script>alert(1)</script> \u202e");
  const open = links((await pages.get("/admin/errors?type=mail")).html).find((href) =>
    href.includes("open=")
  );
  assert(
    open !== undefined && open.startsWith("?type=mail&range=24h&open=") && open.endsWith("#sample"),
    open,
  );

  const { html, text } = await pages.get(`/admin/errors${open.replace("#sample", "")}`);

  assert(text.includes("RangeError , latest of 1"), text);
  assert(/RangeError: Range \d.* at /.test(text), text);
  assert(!html.includes("<script>alert"), html);
  const all = links(html);
  assert(all.some((href) => /^\/ops\/admin\/jobs\/[\w-]+$/.test(href)), all.join("\n"));
  const list = all.find((href) =>
    href.startsWith("/ops/admin/jobs?status=retrying&status=failed&type=mail&")
  );
  assert(list !== undefined, all.join("\n"));
  assertEquals((await pages.get(list.slice("/ops".length))).html.match(/<tr data-id=/g)?.length, 1);
  assert(!(await pages.get("/admin/errors?open=none")).text.includes("latest of"));
});

Deno.test("/admin/errors marks what was not seen before the version that runs now", async () => {
  await using pages = failing();
  const releases = new Releases(pages.api.queue);
  await releases.begin("v1");
  await fail(pages, "mail", "Old 1");
  pages.api.clock.advance(3 * HOUR);
  await releases.begin("v2");
  pages.api.clock.advance(60_000);
  await fail(pages, "mail", "Old 2", "New 1");
  const marks = async (range: string) => {
    const { text } = await pages.get(`/admin/errors?range=${range}`);
    return [
      text.includes("1 of them new in v2"),
      /Error Old #/.test(text),
      /Error new in v2 New #/.test(text),
    ];
  };

  assertEquals(await marks("24h"), [true, true, true]);
  pages.api.clock.advance(2 * HOUR);
  assertEquals(await marks("24h"), [true, true, true]);
  await fail(pages, "mail", "Old 3");
  assertEquals(await marks("1h"), [false, true, false]); // nobody knows what was before the range
});

Deno.test("The menu asks how many causes are new in the version that runs now", async () => {
  await using pages = failing();
  const { queue, clock } = pages.api;
  const releases = new Releases(queue);
  const count = async () => JSON.parse((await pages.get("/admin/flags?page=errors")).html);
  let lists = 0;
  const list = queue.list.bind(queue);
  queue.list = (filter, page) => {
    lists++;
    return list(filter, page);
  };
  await fail(pages, "mail", "Old 1");
  assertEquals([await count(), lists], [0, 0], "there was no release");
  await releases.begin("v1");
  clock.advance(HOUR);
  await releases.begin("v2");
  clock.advance(60_000);
  await fail(pages, "mail", "Old 2", "New 1", "New 2");
  await fail(pages, "report", "New 1");

  assertEquals(await count(), 2);
  lists = 0;
  await pages.get("/admin/jobs/none");
  assertEquals(lists, 0, "no page waits for it");
  clock.advance(25 * HOUR);
  await fail(pages, "report", "Newer 1");
  assertEquals([await count(), lists], [0, 0], "that was long ago");
});

Deno.test("Only who is signed in learns what is wrong, of pages that can tell", async () => {
  await using pages = failing();
  const status = async (page: string, role: "viewer" | null) =>
    (await pages.get(`/admin/flags?page=${page}`, { role })).status;

  assertEquals(await status("queues", "viewer"), 200);
  assertEquals(await status("queues", null), 303);
  for (const page of ["jobs", "toString", ""]) assertEquals(await status(page, "viewer"), 404);
});

Deno.test("/admin/errors shows the range and the type that its address asks for", async () => {
  await using pages = failing();
  await fail(pages, "mail", "Old 1");
  pages.api.clock.advance(48 * HOUR);
  await fail(pages, "report", "New 1");
  const shown = async (query: string) => {
    const { text } = await pages.get(`/admin/errors?${query}`);
    return [text.includes("Old #"), text.includes("New #")];
  };

  assertEquals(await shown(""), [false, true]);
  assertEquals(await shown("range=7d"), [true, true]);
  assertEquals(await shown("range=30d&type=mail"), [true, false]);
  assertEquals(await shown("range=<x>&type=&open=none"), [true, true]);
  const { html } = await pages.get("/admin/errors?type=gone&range=1h");
  assert(html.includes('<option value="gone" selected>gone</option>'), html);
  assert(html.includes('<input type="hidden" name="range" value="1h"'), html);
});

Deno.test("/admin/errors shows buttons to admins alone", async () => {
  await using pages = failing();
  await fail(pages, "mail", "No user 1");

  const { html, status } = await pages.get("/admin/errors", { role: "viewer" });

  assertEquals(status, 200);
  assert(html.includes("No user #") && !html.includes("Retry "), html);
});

Deno.test("/admin/errors without a failure says so, and where to look", async () => {
  await using pages = failing();
  const { text, html } = await pages.get("/admin/errors");
  assert(text.includes("Nothing has failed in the last 24h Look at the last 7d"), text);
  assert(links(html).includes("?range=7d"), html);

  const typed = await pages.get("/admin/errors?type=mail&range=30d");
  assert(typed.text.includes("Of type mail . Look at all types"), typed.text);
  assert(links(typed.html).includes("?range=30d"));
});

Deno.test("/admin/errors says when there was more to look at, and then calls nothing new", async () => {
  await using pages = failing();
  await new Releases(pages.api.queue).begin("v1");
  pages.api.clock.advance(HOUR);
  await new Releases(pages.api.queue).begin("v2");
  await fail(pages, "mail", ...Array.from({ length: 600 }, (_, i) => `No user ${i}`));

  const { text } = await pages.get("/admin/errors");

  assert(text.includes("Older failures are not counted"), text);
  assert(text.includes("Retry all 500+"), text);
  assert(!text.includes("new in v2"), text);
});
