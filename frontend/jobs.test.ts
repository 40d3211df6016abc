import { assert, assertEquals } from "@std/assert";
import { Pages } from "./testing/pages.ts";

/** What the rows say, one a line. */
function rowsOf(html: string): string[] {
  return [...html.matchAll(/<tr data-id=.*?<\/tr>/gs)].map(([row]) => {
    return row.replaceAll(/<[^>]+>/g, " ").replaceAll(/\s+/g, " ").replaceAll("&quot;", '"').trim();
  });
}

Deno.test("/admin/jobs shows the jobs, newest first, and how many there are of each status", async () => {
  await using pages = new Pages({ app: { basePath: "/ops" } });
  const { queue, clock } = pages.api;
  await queue.add("email:send", { to: "ada@example.com", password: "hunter2" }, {
    queue: "mails",
    priority: -5,
  });
  clock.advance(60_000);
  await queue.add("report", { year: 2026 }, { delay: 3_600_000, maxAttempts: 5 });

  const { status, html, text } = await pages.get("/admin/jobs");

  assertEquals(status, 200);
  assertEquals(rowsOf(html).map((row) => row.replace(/ in 1 h · \d\d:\d\d/, " in 1 h")), [
    "Scheduled report { year: 2026 } in 1 h default 0 0 / 5 0 ms",
    'Pending email:send { to: "ada@example.com", password: "[redacted]" } No worker for this type mails −5 0 / 3 1 min',
  ]);
  assert(text.includes("2 All jobs 1 Pending 1 Scheduled 0 Running"), text);
  assert(text.includes("1–2 of 2"), text);
  assert(!html.includes("hunter2"));
  assert(html.includes("<title>Jobs · Cronosaur</title>"));
});

Deno.test("/admin/jobs shows what a filter asks for, and takes each condition away by a link", async () => {
  await using pages = new Pages();
  const { queue } = pages.api;
  const a = await queue.add("email:send", { userId: 42 }, { tags: ["vip"], queue: "mails" });
  await queue.add("email:send", { userId: 43 }, { tags: ["vip"], queue: "mails" });
  await queue.add("report", { userId: 42 }, { tags: ["vip"] });

  const { html } = await pages.get("/admin/jobs?type=email&tag=vip&data.userId=42&limit=50");

  assertEquals(rowsOf(html).length, 1);
  assert(html.includes(`data-id="${a}"`));
  assert(html.includes('href="/admin/jobs?tag=vip&amp;data.userId=42&amp;limit=50"'), "without type:email");
  assert(html.includes('<input type="hidden" name="data.userId" value="42"'));
  assert(html.includes("/api/admin/jobs/export?type=email&amp;tag=vip&amp;data.userId=42&amp;format=csv"));
});

Deno.test("The form of /admin/jobs leads to the address of what was typed", async () => {
  await using pages = new Pages({ app: { basePath: "/ops" } });

  const { status, headers } = await pages.get("/admin/jobs?status=failed&filter=type:email+some+text");

  assertEquals(status, 302);
  assertEquals(headers.get("Location"), "/ops/admin/jobs?status=failed&type=email&q=some+text");
});

Deno.test("/admin/jobs goes on to older jobs and back to newer ones, without scripts", async () => {
  await using pages = new Pages();
  for (let i = 0; i < 40; i++) await pages.api.queue.add("job", { i });
  const ids = (html: string) => [...html.matchAll(/data-id="([^"]+)"/g)].map(([, id]) => id);
  const link = (html: string, word: string) => {
    const [, href = ""] = new RegExp(`<a class="btn" href="([^"]+)"[^>]*>(?:(?!</a>).)*${word}`).exec(html) ??
      [];
    return href.replaceAll("&amp;", "&");
  };

  const first = (await pages.get("/admin/jobs")).html;
  const second = (await pages.get(link(first, "Older"))).html;
  const third = await pages.get(link(second, "Older"));

  assertEquals(new Set([first, second, third.html].flatMap(ids)).size, 40);
  assert(third.text.includes("31–40 of 40"), third.text);
  assertEquals(link(third.html, "Older"), "");
  assertEquals(ids((await pages.get(link(third.html, "Newer"))).html), ids(second));
  assertEquals(link(second, "Newer"), "/admin/jobs");
});

Deno.test("/admin/jobs says of a search that it has only begun, and goes on", async () => {
  await using pages = new Pages();
  await pages.api.queue.add("needle", null);
  await pages.api.queue.addMany(Array.from({ length: 3000 }, () => ({ type: "hay", data: null })));

  const begun = await pages.get("/admin/jobs?q=needle");
  const [, next = ""] = /so far.*?<a href="([^"]+)"/s.exec(begun.html) ?? [];

  assert(begun.text.includes("None of these jobs matches"), begun.text);
  assert(/Looked at 2,\d\d\d jobs so far/.test(begun.text), begun.text);
  assertEquals(rowsOf((await pages.get(next.replaceAll("&amp;", "&"))).html).length, 1);
});

Deno.test("/admin/jobs says why a filter cannot be used", async () => {
  await using pages = new Pages();
  for (const query of ["status=lost", "cursor=nonsense", "createdAfter=yesterday"]) {
    const { status, text } = await pages.get(`/admin/jobs?${query}`);
    assertEquals(status, 200, query);
    assert(text.includes("This filter cannot be used"), text);
  }
});

Deno.test("/admin/jobs says that there is nothing, and that nothing matches", async () => {
  await using pages = new Pages();
  assert((await pages.get("/admin/jobs")).text.includes("No jobs so far"));
  const { text } = await pages.get("/admin/jobs?status=failed");
  assert(text.includes("No job matches Show all jobs"), text);
});

Deno.test("/admin/jobs lets admins alone select, change, add and clean up", async () => {
  await using pages = new Pages();
  await pages.api.queue.add("job", null);
  const offers = async (role: "admin" | "viewer") => {
    const { html, text } = await pages.get("/admin/jobs?queue=default", { role });
    const words = ["New job", "Clean up…", "Save view", "Export"].filter((word) => text.includes(word));
    return [...words, ...html.match(/aria-label="(Cancel|Select) job, /g) ?? []];
  };

  assertEquals(await offers("viewer"), ["Export"]);
  assertEquals((await offers("admin")).length, 6);
});

Deno.test("/admin/jobs writes nothing as it came", async () => {
  await using pages = new Pages();
  const evil = "</script><script>alert(1)</script>";
  const hidden = "user\u202etxt.exe\u200b";
  await pages.api.queue.add("evil", { [evil]: evil, hidden }, { queue: evil, tags: [evil] });

  const { html } = await pages.get(`/admin/jobs?queue=${encodeURIComponent(evil)}`);

  assertEquals(rowsOf(html).length, 1);
  assert(!/<\/?script>alert/.test(html));
  assert(!html.includes("\u202e") && !html.includes("\u200b"));
  assert((await pages.get(`/admin/jobs?q=${encodeURIComponent(evil)}`)).html.includes("&lt;script>alert"));
});

Deno.test("Every page shows the saved views, and says which one it is", async () => {
  await using pages = new Pages();
  await pages.api.call("PUT", "/api/admin/views/Failed%20mails", {
    body: { filter: "status:failed type:email" },
  });

  const elsewhere = (await pages.get("/admin/queues", { role: "viewer" })).html;
  const there = await pages.get("/admin/jobs?status=failed&type=email");

  assert(elsewhere.includes('href="/admin/jobs?status=failed&amp;type=email"'), elsewhere);
  assert(/aria-current="page"[^>]*>(?:(?!<\/a>).)*Failed mails/.test(there.html), there.html);
  assert(there.text.includes("Remove view"));
});

Deno.test("A saved view stands over its list, and over the jobs that were opened from it", async () => {
  await using pages = new Pages({ app: { basePath: "/ops" } });
  const id = await pages.api.queue.add("email", {}, { tags: ["vip"] });
  await pages.api.call("PUT", "/ops/api/admin/views/VIP%20in%20the%20EU", { body: { filter: "tag:vip" } });
  const placeOn = async (path: string) =>
    /<nav class="row soft" aria-label="Place">.*?<\/nav>/s.exec((await pages.get(path)).html)?.[0] ?? "";
  const saved = 'href="/ops/admin/jobs?tag=vip" aria-current="false"><bdi>VIP in the EU</bdi>';

  assert((await placeOn("/admin/jobs?tag=vip&limit=50")).includes('aria-current="page">VIP in the EU</bdi>'));
  assertEquals(await placeOn("/admin/jobs?tag=other"), "");
  assert(
    (await placeOn(`/admin/jobs/${id}?tag=vip`)).includes(saved),
    await placeOn(`/admin/jobs/${id}?tag=vip`),
  );
  assert((await placeOn(`/admin/jobs/${id}?tag=other`)).includes("Back to the list"));
  assert((await placeOn(`/admin/jobs/${id}`)).includes("All jobs"));
});
