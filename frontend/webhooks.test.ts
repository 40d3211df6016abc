import { assert, assertEquals, assertThrows } from "@std/assert";
import { EndpointTable } from "../backend/lib/webhook/table.ts";
import { Webhooks } from "../backend/lib/webhooks.ts";
import { ApiError } from "./lib/api.ts";
import {
  changesTo,
  faultsIn,
  fieldsOf,
  HeaderLineError,
  type WebhookFields,
  webhookOf,
} from "./lib/webhook-form.ts";
import { nameOf } from "./lib/webhooks.ts";
import { Pages } from "./testing/pages.ts";

const URL = "https://example.com/hooks?key=s3cret";

/** Makes an endpoint. @returns Its id. */
async function make(pages: Pages, fields: Record<string, unknown> = {}): Promise<string> {
  const { status, body } = await pages.api.call<{ id: string }>("POST", "/api/admin/webhooks", {
    body: { url: URL, types: ["email"], ...fields },
  });
  assertEquals(status, 201);
  return body.id;
}

Deno.test("/admin/webhooks tells of each endpoint what it is told and how that goes, without scripts", async () => {
  await using pages = new Pages();
  assert((await pages.get("/admin/webhooks")).text.includes("No endpoints so far"));
  const id = await make(pages, { description: "CRM", enabled: false });

  const { status, html, text } = await pages.get("/admin/webhooks");

  assertEquals(status, 200);
  assert(text.includes("0 of 1 on"), text);
  assert(text.includes("example.com/hooks?… CRM completed, failed, cancelled type email Off"), text);
  assert(html.includes(`href="/admin/webhooks/${id}"`), html);
});

Deno.test("/admin/webhooks/:id shows an endpoint without its secret, and its query to admins alone", async () => {
  await using pages = new Pages({ app: { basePath: "/ops" } });
  const { body } = await pages.api.call<{ id: string; secret: string }>("POST", "/ops/api/admin/webhooks", {
    body: { url: URL, headers: { "X-Key": "hunter2" } },
  });
  const asAdmin = await pages.get(`/admin/webhooks/${body.id}`);
  const asViewer = await pages.get(`/admin/webhooks/${body.id}`, { role: "viewer" });

  assert(asAdmin.html.includes("<title>example.com/hooks?… · Webhooks · Cronosaur</title>"), asAdmin.html);
  assert(asAdmin.text.includes("Nothing was sent so far"), asAdmin.text);
  assert(asAdmin.html.includes("s3cret") && !asViewer.html.includes("s3cret"));
  for (const { html } of [asAdmin, asViewer]) {
    assert(!html.includes("hunter2") && !html.includes(body.secret));
  }
  assertEquals((await pages.get("/admin/webhooks/none")).status, 404);
});

Deno.test("/admin/webhooks tells of an endpoint that hangs since when it does", async () => {
  await using pages = new Pages();
  const id = await make(pages);
  const end = { kind: "hung", error: "too long" } as const;
  await new EndpointTable(pages.api.store).noteAttempt(id, end, Date.now() - 7_200_000); // pages tell the real time

  const { text } = await pages.get(`/admin/webhooks/${id}`);

  assert(text.includes("1 failure is asked now and then: no answer in time for 2 h"), text);
});

Deno.test("/admin/webhooks shows switches, buttons and dialogs to admins alone", async () => {
  await using pages = new Pages();
  const id = await make(pages);
  const controls = async (role: "admin" | "viewer") => {
    const list = (await pages.get("/admin/webhooks?do=new", { role })).html;
    const one = (await pages.get(`/admin/webhooks/${id}?do=edit`, { role })).html;
    return (list + one).match(
      /role="switch"|New endpoint|Edit…|Replace secret…|Remove…/g,
    )
      ?.length ?? 0;
  };

  assertEquals(await controls("admin"), 6);
  assertEquals(await controls("viewer"), 0);
});

Deno.test("/admin/webhooks/:id shows deliveries by status, with their jobs", async () => {
  await using pages = new Pages();
  const { queue } = pages.api;
  const id = await make(pages, { types: [], events: ["job.added"] });
  await queue.add("mail", {}, { jobId: "digest" });
  await using webhooks = new Webhooks(queue);
  await webhooks.runOnce();

  const all = await pages.get(`/admin/webhooks/${id}`);
  assert(/added digest .*Pending 0 \/ 10 none/.test(all.text), all.text);
  assert(all.html.includes('href="/admin/jobs/digest"'), all.html);
  const failed = await pages.get(`/admin/webhooks/${id}?status=failed`);
  assert(failed.text.includes("No failed deliveries"), failed.text);
});

Deno.test("/admin/webhooks escapes what others wrote", async () => {
  await using pages = new Pages();
  const hostile = "<script>alert(1)</script>\u202e";
  const id = await make(pages, { description: hostile, tags: ["<b>"], enabled: false });

  for (const path of ["/admin/webhooks", `/admin/webhooks/${id}`]) {
    const { html } = await pages.get(path);
    assert(!html.includes("<script>alert") && !html.includes("<b>"), html);
    assert(html.includes("&lt;script>alert(1)") && html.includes("U+202E"), html);
  }
});

Deno.test("webhookOf() reads names between commas, and headers line by line", () => {
  const fields = {
    ...fieldsOf(null),
    url: " https://a.b ",
    types: "email, ,file:import",
    headers: "X-A: 1: 2\n\nX-B:",
  };
  const { url, types, headers } = webhookOf(fields);

  assertEquals([url, types, headers], ["https://a.b", ["email", "file:import"], {
    "X-A": "1: 2",
    "X-B": "",
  }]);
  assertThrows(() => webhookOf({ ...fields, headers: "no colon" }), HeaderLineError, 'found "no colon"');
});

Deno.test("changesTo() holds the fields that were changed, and no others", () => {
  const before: WebhookFields = { ...fieldsOf(null), url: "https://a.b", headers: "X-Key: [redacted]" };

  assertEquals(changesTo(before, { ...before }), null);
  assertEquals(changesTo(before, { ...before, tags: "vip", events: ["job.failed"] }), {
    tags: ["vip"],
    events: ["job.failed"],
  });
});

Deno.test("faultsIn() says what is wrong at the field it is about", () => {
  const problem = (errors: { path: string; message: string }[]) =>
    new ApiError(400, {
      type: "about:blank",
      title: "",
      status: 400,
      code: "invalid_input",
      detail: "",
      errors,
    });

  assertEquals(
    faultsIn(problem([
      { path: "types[1]", message: "must be short" },
      { path: "headers.Host", message: "must not be set" },
      { path: "secret", message: "must be long" },
    ])),
    { types: "number 2 must be short", headers: "Host must not be set", form: "secret must be long" },
  );
  assertEquals(faultsIn(new HeaderLineError("x")), { headers: "x" });
  assertEquals(faultsIn(new TypeError("x")), null);
});

Deno.test("nameOf() leaves out what may be a key", () => {
  assertEquals(nameOf({ url: URL }), "example.com/hooks?…");
  assertEquals(nameOf({ url: "http://example.com/hooks" }), "http://example.com/hooks");
});
