import { assert, assertEquals } from "@std/assert";
import { addressOfAudit, type AuditEntry, auditQueryIn, differencesOf, pageOfSubject } from "./lib/audit.ts";
import { Pages } from "./testing/pages.ts";

const JOBS = "/api/admin/jobs";

/** A job that was changed, cancelled and removed. */
async function changed(pages: Pages): Promise<void> {
  const { api } = pages;
  await api.queue.add("mail", { to: "<script>alert(1)</script>\u202e" }, { jobId: "j" });
  await api.call("PATCH", `${JOBS}/j`, { body: { priority: 3 } });
  await api.call("DELETE", `${JOBS}/j`);
  await api.call("DELETE", `${JOBS}/j`);
}

/** An entry, as the API shows it. */
function makeEntry(fields: Partial<AuditEntry> = {}): AuditEntry {
  return {
    id: "e",
    at: "2026-01-01T00:00:00.000Z",
    by: "admin",
    action: "job.cancel",
    subject: "a/b",
    requestId: null,
    before: null,
    after: null,
    ...fields,
  };
}

Deno.test("/admin/audit tells who changed what, as it was and as it became, to viewers too, without scripts", async () => {
  await using pages = new Pages();
  assert((await pages.get("/admin/audit")).text.includes("Nothing was changed so far"));
  await changed(pages);

  const { status, html, text } = await pages.get("/admin/audit", { role: "viewer" });

  assertEquals(status, 200);
  assert(/admin job.update j priority 0 became 3 [\da-f-]{36}/.test(text), text);
  assert(text.includes("status pending became cancelled"), text);
  assert(html.includes('href="/admin/jobs/j"'), html);
  assert(!html.includes("<script>alert"), html);
  assert(html.includes("<title>Audit log · Cronosaur</title>"));
});

Deno.test("/admin/audit escapes what others wrote, in subjects and in values", async () => {
  await using pages = new Pages();
  const hostile = "<script>alert(1)</script>\u202e";
  await pages.api.call("PUT", `/api/admin/views/${encodeURIComponent("<b>x")}`, {
    body: { filter: hostile },
  });

  const { html } = await pages.get("/admin/audit");

  assert(!html.includes("<script>alert") && !html.includes("<b>"), html);
  assert(html.includes("&lt;script>alert(1)") && html.includes("U+202E"), html);
});

Deno.test("/admin/audit filters by what its address says, and keeps that in the form", async () => {
  await using pages = new Pages({ app: { basePath: "/ops" } });
  await pages.api.call("POST", "/ops/api/admin/queues/q/pause");
  await pages.api.call("POST", "/ops/api/admin/queues/r/pause");

  const { html, text } = await pages.get("/admin/audit?action=queue&subject=q&by=admin");
  assertEquals(html.match(/data-entry/g)?.length, 1);
  assert(html.includes('name="subject" value="q"'), html);
  assert(html.includes('href="/ops/admin/audit?action=queue.pause&amp;subject=q&amp;by=admin"'), html);
  assert(text.includes("queue.pause q"), text);
  const none = await pages.get("/admin/audit?by=nobody");
  assert(
    none.text.includes("No such changes") && none.html.includes('<option value="nobody" selected'),
    none.html,
  );
});

Deno.test("/admin/audit goes on to older entries, and refuses a cursor that is none", async () => {
  await using pages = new Pages();
  for (let n = 0; n < 60; n++) await pages.api.call("POST", `/api/admin/queues/q${n}/pause`);

  const { html } = await pages.get("/admin/audit?action=queue");
  const older = /href="([^"]*cursor=[^"]*)"/.exec(html)?.[1]?.replaceAll("&amp;", "&") ?? "";
  assertEquals(html.match(/data-entry/g)?.length, 50);
  assertEquals((await pages.get(older)).html.match(/data-entry/g)?.length, 10);
  assertEquals((await pages.get("/admin/audit?cursor=abc")).status, 400);
});

Deno.test("differencesOf() tells of each field what it was and what it became", () => {
  assertEquals(differencesOf(makeEntry({ before: { a: 1, b: null }, after: { a: 2, c: 3 } })), [
    { name: "a", before: 1, after: 2 },
    { name: "b", before: null },
    { name: "c", after: 3 },
  ]);
  const made = makeEntry({ after: { tags: [], note: "", url: "u", headers: {} } });
  assertEquals(differencesOf(made).map(({ name }) => name), ["url", "tags", "note", "headers"]);
  assertEquals(differencesOf(makeEntry()), []);
});

Deno.test("pageOfSubject() leads to what is still there", () => {
  const page = (action: string, subject: string | null = "a/b") =>
    pageOfSubject("/ops", makeEntry({ action, subject }));

  assertEquals(page("job.cancel"), "/ops/admin/jobs/a%2Fb");
  assertEquals(page("schedule.update"), "/ops/admin/schedules/a%2Fb");
  assertEquals(page("webhook.rotate"), "/ops/admin/webhooks/a%2Fb");
  assertEquals(page("queue.pause"), "/ops/admin/jobs?queue=a%2Fb");
  assertEquals(page("worker.stop"), "/ops/admin/workers");
  assertEquals(["job.remove", "view.save", "POST /things/:id"].map((action) => page(action)), [
    null,
    null,
    null,
  ]);
  assertEquals(page("job.cleanup", null), null);
});

Deno.test("auditQueryIn() and addressOfAudit() are each other's opposite", () => {
  const address = "/ops/admin/audit?action=job.cancel&subject=a%2Fb&by=admin&cursor=c";
  assertEquals(addressOfAudit("/ops", auditQueryIn(new URL(address, "http://x").searchParams)), address);
  assertEquals(addressOfAudit("", auditQueryIn(new URLSearchParams())), "/admin/audit");
});
