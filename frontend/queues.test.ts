import { assert, assertEquals } from "@std/assert";
import type { QueuePause } from "../backend/lib/store.ts";
import { Pages } from "./testing/pages.ts";

Deno.test("/admin/queues tells of each queue what waits in it, without scripts", async () => {
  await using pages = new Pages({ app: { basePath: "/ops" } });
  await pages.api.queue.add("mail", {}, { queue: "mails" });
  await pages.api.queue.add("mail", {}, { queue: "mails" });
  await pages.api.queue.add("report", {}, { queue: "reports", delay: 60_000 });
  pages.api.clock.advance(12 * 60_000);

  const { status, html, text } = await pages.get("/admin/queues");

  assertEquals(status, 200);
  assert(text.includes("3 in 2 queues"), text);
  assert(text.includes("mails 2 0 0 0 12 min"), text);
  assert(html.includes('href="/ops/admin/jobs?queue=mails"'), html);
  assert(html.includes("<title>Queues · Cronosaur</title>"));
});

Deno.test("/admin/queues says who paused a queue, how long ago and why, as far as that is known", async () => {
  await using pages = new Pages();
  const { queue, store } = pages.api;
  await queue.add("report", {}, { queue: "reports", delay: 60_000 });
  const about = async () => {
    const { text } = await pages.get("/admin/queues", { role: "viewer" });
    return /reports is paused (.*?)1 job waits; new ones are accepted\./.exec(text)?.[1];
  };
  const ago = (minutes: number) => Date.now() - minutes * 60_000 - 5_000;
  const pauses: [QueuePause | undefined, string][] = [
    [undefined, ""],
    [{ at: Date.now(), by: null, note: null }, "just now . "],
    [{ at: ago(12), by: "admin", note: null }, "By admin 12 min ago. "],
    [{ at: ago(72), by: "ada", note: "ACME <b>&" }, "By ada 1 h ago: “ ACME &lt;b>&amp; ”. "],
    [{ at: ago(2), by: null, note: "\u202exyz" }, "2 min ago: “ U+202E xyz ”. "],
  ];

  for (const [said, words] of pauses) {
    await queue.resume("reports");
    await store.setPaused("reports", true, said);
    assertEquals(await about(), words);
  }
});

Deno.test("/admin/queues shows buttons to admins alone", async () => {
  await using pages = new Pages();
  await pages.api.queue.add("mail", {}, { queue: "mails" });
  const buttons = async (role: "admin" | "viewer") => {
    const { html } = await pages.get("/admin/queues", { role });
    return html.match(/aria-label="(Pause|Resume) \w+…?"/g) ?? [];
  };

  assertEquals(await buttons("admin"), ['aria-label="Pause mails…"']);
  assertEquals(await buttons("viewer"), []);
});

Deno.test("/admin/queues without a job says so, and escapes what others have named", async () => {
  await using pages = new Pages();
  assert((await pages.get("/admin/queues")).text.includes("No queues so far"));

  const name = "<script>alert(1)</script>";
  await pages.api.queue.add("mail", {}, { queue: name });
  const { html } = await pages.get("/admin/queues");
  assert(!html.includes("<script>alert") && html.includes("&lt;script>alert(1)"), html);
});

Deno.test("/admin/queues draws queues by the root of their size, and marks what waits in vain", async () => {
  await using pages = new Pages();
  const { queue, clock } = pages.api;
  await queue.addMany(
    Array.from({ length: 100 }, () => ({ type: "mail", data: {}, options: { queue: "mails" } })),
  );
  await queue.add("report", {}, { queue: "reports" });
  await queue.cancel(await queue.add("image", {}, { queue: "images" }));
  await queue.pause("reports");
  clock.advance(60_000);

  const { html } = await pages.get("/admin/queues");
  const row = (name: string) => new RegExp(`<tr data-queue="${name}">.*?</tr>`, "s").exec(html)?.[0] ?? "";

  const widths = ["mails", "reports", "images"].map((name) =>
    /class="strata".*? width="([\d.]+)%"/.exec(row(name))?.[1]
  );
  assertEquals(widths, ["97.00", "9.70", undefined]);
  assert(row("reports").includes('<span class="warn">1 min</span>'), row("reports"));
  assert(!row("mails").includes('class="warn"'), row("mails"));
});

Deno.test("/admin/queues shows how many jobs came to an end, by hour and a minute", async () => {
  await using pages = new Pages();
  const { queue, clock } = pages.api;
  for (let i = 0; i < 90; i++) await queue.cancel(await queue.add("mail", {}, { queue: "mails" }));
  clock.advance(2 * 3_600_000);
  for (let i = 0; i < 27; i++) await queue.cancel(await queue.add("mail", {}, { queue: "mails" }));

  const { html, text } = await pages.get("/admin/queues");

  assert(html.includes('aria-label="mails, finished jobs by hour: 117 in 24 hours"'), html);
  const heights = [...html.matchAll(/<rect(?: class="(none)")? [^>]*?y="\d+"[^>]*? height="(\d+)"/g)];
  assertEquals(heights.slice(-3).map(([, none, height]) => [none, height]), [
    [undefined, "22"],
    ["none", "1"],
    [undefined, "7"],
  ]);
  assert(text.includes("0.6 / min"), text);
});
