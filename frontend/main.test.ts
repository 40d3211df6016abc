import { assert, assertEquals } from "@std/assert";
import { Hono } from "hono";
import { createJobs } from "../backend/jobs.ts";
import { allFiles, textOf } from "../backend/testing/sources.ts";
import { VERSION } from "../backend/version.ts";
import { StoreUnavailableError } from "../backend/lib/errors.ts";
import { Pages } from "./testing/pages.ts";

Deno.test("A page is for who may read; others are led to the form, or told why not", async () => {
  await using pages = new Pages({ app: { basePath: "/ops" } });
  const statuses = [];
  for (const role of ["admin", "viewer", "producer", null] as const) {
    statuses.push((await pages.get("/admin/queues", { role })).status);
  }
  const led = await pages.get("/admin/queues?a=1", { role: null });
  const producer = await pages.get("/admin/queues", { role: "producer" });
  assert(producer.text.includes("This is not for you") && producer.text.includes("Sign out"), producer.text);

  assertEquals(statuses, [200, 200, 403, 303]);
  assertEquals(led.headers.get("Location"), "/ops/admin/login?next=%2Fops%2Fadmin%2Fqueues%3Fa%3D1");
  assertEquals((await pages.get("/admin")).headers.get("Location"), "/ops/admin/jobs");
});

Deno.test("A page is shown as its visitor likes it, from the first byte", async () => {
  await using pages = new Pages();
  const html = async (Cookie: string) => (await pages.get("/admin/queues", { headers: { Cookie } })).html;

  assert((await html("")).includes('data-theme="system"'));
  const dark = await html("a=b; cronosaur-theme=dark; cronosaur-zone=Asia%2FTokyo");
  assert(dark.includes('data-theme="dark"') && dark.includes('name="color-scheme" content="dark"'));
  assert(/As of \d\d:\d\d:\d\d/.test(dark));
  const wrong = await html('cronosaur-theme="><script>; cronosaur-zone=Nowhere%2FNever');
  assert(wrong.includes('data-theme="system"') && !wrong.includes('"><script>'));
});

Deno.test("What is not there is a page that says so, and no page may run foreign scripts", async () => {
  await using pages = new Pages();
  const missing = await pages.get("/admin/nothing");
  assertEquals(missing.status, 404);
  assert(missing.text.includes("There is nothing here"), missing.text);

  for (const { headers, html } of [missing, await pages.get("/admin/queues")]) {
    const policy = headers.get("Content-Security-Policy") ?? "";
    assert(policy.startsWith("default-src 'none'; script-src 'self'") && !policy.includes("unsafe"), policy);
    const nonces = [...html.matchAll(/<script[^>]*>/g)].map(([tag]) => /nonce="(\w+)"/.exec(tag)?.[1]);
    assert(nonces.every((nonce) => policy.includes(`'nonce-${nonce}'`)), policy);
    assertEquals(headers.get("Referrer-Policy"), "same-origin");
    assertEquals(headers.get("Cache-Control"), "no-store");
  }
});

Deno.test("Every page says to who may read it which version it is of, and what keeps the jobs", async () => {
  await using pages = new Pages();
  const words = `Cronosaur ${VERSION} · memory`;

  assert((await pages.get("/admin/queues", { role: "viewer" })).text.includes(words));
  assert(!(await pages.get("/admin/login", { role: null })).text.includes(VERSION));
});

Deno.test("A store that is away is a page that says so", async () => {
  await using pages = new Pages();
  await pages.get("/admin/queues");
  pages.api.store.stats = () => Promise.reject(new StoreUnavailableError("stats"));
  const { status, text } = await pages.get("/admin/queues");

  assertEquals(status, 503);
  assert(text.includes("The store did not answer") && text.includes("Audit log"), text);
});

Deno.test("Files of pages may be kept for as long as they are the same", async () => {
  await using pages = new Pages({ app: { basePath: "/ops" } });
  const { html } = await pages.get("/admin/queues");
  const paths = [...html.matchAll(/(?:href|from) ?="?([^"#]*(?:__frsh_c=\w+|\.js))"/g)].map(([, path]) =>
    path
  );
  const scripts = [...html.matchAll(/from "([^"]+\.js)"/g)].map(([, path = ""]) => path);

  assert(paths.length >= 2 && scripts.length === 1);
  for (const path of [...paths, ...scripts]) {
    const { status, headers } = await pages.get((path ?? "").slice("/ops".length), { role: null });
    assertEquals(status, 200, path);
    assertEquals(headers.get("Cache-Control"), "public, max-age=31536000, immutable", path);
    assert(/^(text\/css|text\/javascript|image\/svg\+xml)/.test(headers.get("Content-Type") ?? ""), path);
  }
  const squeezed = await pages.get("/admin/styles.css", { headers: { "Accept-Encoding": "gzip" } });
  assertEquals(squeezed.headers.get("Content-Encoding"), "gzip");
  const old = await pages.get("/admin/styles.css?__frsh_c=old");
  assertEquals([old.status, new URL(old.headers.get("Location") ?? "").pathname], [
    307,
    "/ops/admin/styles.css",
  ]);
});

Deno.test("In another app the dashboard follows its path and its authorize(), and leaves the app its pages", async () => {
  const jobs = createJobs({ store: "memory:", authorize: (c) => c.req.header("X-User") ? "viewer" : null });
  const app = new Hono()
    .route("/x", new Hono().route("/y", jobs.routes()))
    .get("/x/y/admin/users", (c) => c.text("theirs"))
    .get("/admin/users", (c) => c.text("theirs, too"));
  const get = async (path: string, user: string | null = "ada") => {
    const response = await app.request(path, user === null ? {} : { headers: { "X-User": user } });
    return { status: response.status, text: await response.text() };
  };

  const queues = await get("/x/y/admin/queues");
  assertEquals(queues.status, 200);
  assert(queues.text.includes('href="/x/y/admin/jobs"') && !queues.text.includes("Sign out"));
  const [, script = ""] = /import\{.*?\}from "([^"]+)"/.exec(queues.text) ?? [];
  assert(script.startsWith("/x/y/_fresh/js/"), script);
  assertEquals((await get(script)).status, 200);
  assertEquals((await get("/x/y/admin/queues", null)).status, 401);
  assertEquals((await get("/x/y/admin/login", null)).status, 404);
  assertEquals(await get("/x/y/admin/users", null), { status: 200, text: "theirs" });
  assertEquals(await get("/admin/users", null), { status: 200, text: "theirs, too" });
  assertEquals((await get("/x/y/admin/nothing")).status, 404);
  await jobs.stop();
});

Deno.test("Sources of pages say whose JSX they are, and write no styles of their own", () => {
  const files = [...allFiles()].filter((path) => /^frontend\/.*(?<!\.test)\.tsx$/.test(path));
  const wrong = files.filter((path) => {
    const text = textOf(path);
    return !text.startsWith("/** @jsxImportSource preact */\n") ||
      /\bstyle=|dangerouslySetInnerHTML|f-client-nav|<Partial|<Head\b/.test(text);
  });

  assert(files.length > 10);
  assertEquals(wrong, []);
});
