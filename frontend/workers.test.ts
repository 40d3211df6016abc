import { assert, assertEquals } from "@std/assert";
import { makeReport } from "../backend/testing/factories.ts";
import { Pages } from "./testing/pages.ts";
import { whatNext } from "./lib/worker-words.ts";
import { usualVersion, type Worker } from "./lib/workers.ts";

/** A worker as the API shows it. */
function makeWorker(fields: Partial<Worker> = {}): Worker {
  return {
    id: "w",
    host: "h",
    pid: 1,
    version: "1.0.0",
    status: "running",
    concurrency: 5,
    types: ["mail"],
    jobs: [],
    processed: 0,
    succeeded: 0,
    failed: 0,
    startedAt: "2026-01-01T00:00:00.000Z",
    heartbeatAt: "2026-01-01T00:00:00.000Z",
    eventLoopLag: 0,
    memory: 0,
    ...fields,
  };
}

/** Registers the pages' own process, as if it said this of itself. */
async function register(pages: Pages, report: Parameters<typeof makeReport>[0] = {}): Promise<void> {
  await pages.api.queue.ready();
  await pages.api.store.heartbeat(makeReport(report), pages.api.clock.now());
}

Deno.test("/admin/workers tells of each worker what it runs and how it fares, without scripts", async () => {
  await using pages = new Pages({ app: { basePath: "/ops" } });
  const { queue } = pages.api;
  const [started, over] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  queue.process("mail", () => {
    started.resolve();
    return over.promise;
  });
  const id = await queue.add("mail", {}, { jobId: "a:b" });
  await queue.add("file:import", {});
  await queue.start();
  await started.promise;

  const { status, html, text } = await pages.get("/admin/workers?open=memory-1");
  over.resolve();

  assertEquals(status, 200);
  assert(/1 of \d+ slots busy on 1 live worker /.test(text), text);
  assert(/mail a:b /.test(text), text);
  assert(html.includes(`href="/ops/admin/jobs/${encodeURIComponent(id)}"`), html);
  assert(/<details class="held" open/.test(html), html);
  assert(text.includes("No worker for file:import 1 job waits until a process that runs this type starts."));
  assert(html.includes("<title>Workers · Cronosaur</title>"));
});

Deno.test("/admin/workers shows buttons to admins alone", async () => {
  await using pages = new Pages();
  await register(pages);
  const buttons = async (role: "admin" | "viewer") => {
    const { html } = await pages.get("/admin/workers", { role });
    return html.match(/aria-label="Stop [^"]*"|Clean up/g) ?? [];
  };

  assertEquals(await buttons("admin"), ['aria-label="Stop memory-1…"']);
  assertEquals(await buttons("viewer"), []);
});

Deno.test("/admin/workers offers admins to clean up a dead worker, in its row, too", async () => {
  await using pages = new Pages();
  const { store, clock } = pages.api;
  await register(pages);
  const list = store.workers.bind(store);
  store.workers = async () => (await list()).map((worker) => ({ ...worker, alive: false }));
  clock.advance(60_000);
  const buttons = async (role: "admin" | "viewer") => {
    const { html } = await pages.get("/admin/workers", { role });
    return [...html.matchAll(/<button class="btn" type="button"(.*?)>(.*?)<\/button>/g)].map((match) =>
      match.slice(1)
    );
  };

  assertEquals(await buttons("admin"), [
    ["", "Clean up 1 dead worker"],
    [' aria-label="Clean up memory-1"', "Clean up"],
  ]);
  assertEquals(await buttons("viewer"), []);
});

Deno.test("/admin/workers without a worker says so, and escapes what processes say of themselves", async () => {
  await using pages = new Pages();
  assert((await pages.get("/admin/workers")).text.includes("No workers so far"));

  const hostile = "<script>alert(1)</script>\u202e";
  await register(pages, { host: hostile, types: [hostile], version: hostile });
  const { html } = await pages.get("/admin/workers");
  assert(!html.includes("<script>alert") && html.includes("&lt;script>alert(1)"), html);
  assert(html.includes("U+202E"), html);
});

Deno.test("whatNext() says whether the jobs of the dead were given back", () => {
  const now = Date.parse("2026-01-01T00:04:00.000Z");
  const one = makeWorker({ status: "dead" });
  assertEquals(
    whatNext([one], now),
    "No heartbeat for 4 min. Its jobs were given back and run elsewhere. It stays listed until cleaned up or started again.",
  );
  assertEquals(
    whatNext([one, makeWorker({ status: "dead", jobs: ["a"] })], now),
    "No heartbeat for 4 min. Their 1 job goes back to pending within seconds; what had started counts as one attempt.",
  );
});

Deno.test("usualVersion() is the one of most live workers", () => {
  const workers = ["1", "2", "2"].map((version) => makeWorker({ version }));
  const dead = ["1", "1"].map((version) => makeWorker({ version, status: "dead" }));
  assertEquals(usualVersion([...dead, ...workers]), "2");
  assertEquals(usualVersion(dead), null);
});
