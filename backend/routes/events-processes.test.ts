/** Streams of real processes that share one file. */
import { assert, assertEquals } from "@std/assert";
import { EventReader } from "../testing/event-stream.ts";
import { Service, TOKEN_VARIABLES } from "../testing/service.ts";

const headers = { Authorization: "Bearer admin-token" };

async function inFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function start(folder: string): Service {
  return new Service(folder, "main.ts", [], { ...TOKEN_VARIABLES, WORKERS: "none" });
}

async function open(url: string, lastEventId?: string): Promise<EventReader> {
  const resume: Record<string, string> = lastEventId === undefined ? {} : { "Last-Event-ID": lastEventId };
  const response = await fetch(`${url}/api/admin/events?type=test`, { headers: { ...headers, ...resume } });
  assertEquals(response.status, 200);
  const reader = new EventReader(response.body!);
  await reader.read();
  return reader;
}

/** Adds jobs `from` to `to` and cancels them. */
async function addAndCancel(url: string, from: number, to: number): Promise<void> {
  const jobs = Array.from({ length: to - from }, (_, i) => {
    return { type: "test:a", options: { jobId: `job-${from + i}` } };
  });
  const init = { headers: { ...headers, "Content-Type": "application/json" } };
  const added = await fetch(`${url}/api/admin/jobs`, { ...init, method: "POST", body: JSON.stringify(jobs) });
  assertEquals((await added.json()).ids.length, jobs.length);
  for (const { options: { jobId } } of jobs) {
    const cancelled = await fetch(`${url}/api/admin/jobs/${jobId}`, { headers, method: "DELETE" });
    assertEquals((await cancelled.json()).status, "cancelled");
  }
}

/** What a client is told of jobs up to the end of job `last`, `event id` each. */
async function toldUpTo(reader: EventReader, last: number): Promise<string[]> {
  const events = await reader.until(({ event, data }) =>
    event === "job.cancelled" && (data as { id: string }).id === `job-${last}`
  );
  return events.map(({ event, data }) => `${event} ${(data as { id: string }).id}`);
}

function expected(from: number, to: number): string[] {
  const names = (event: string) => Array.from({ length: to - from }, (_, i) => `${event} job-${from + i}`);
  return [...names("job.added"), ...names("job.cancelled")].sort();
}

Deno.test("A client sees what another process does, and resumes at another one when its own is killed", async () => {
  await inFolder(async (folder) => {
    await using first = start(folder);
    await first.url();
    await using second = start(folder);
    const [here, there] = [await first.url(), await second.url()];
    const reader = await open(here);

    await addAndCancel(there, 0, 1); // how it ends is told in any case; adds, once the other process has heard
    assertEquals((await toldUpTo(reader, 0)).at(-1), "job.cancelled job-0");
    await addAndCancel(there, 1, 30);
    assertEquals((await toldUpTo(reader, 29)).sort(), expected(1, 30));
    const bookmark = await open(there, reader.lastEventId);
    await bookmark.cancel();
    first.kill("SIGKILL");
    await first.ended;
    await reader.cancel().catch(() => {}); // its connection is broken
    await addAndCancel(there, 30, 60);

    const resumed = await open(there, reader.lastEventId);
    await addAndCancel(there, 60, 70);
    const told = new Set(await toldUpTo(resumed, 69));
    for (const event of expected(30, 70)) assert(told.has(event), event);
    await resumed.cancel();
    second.kill("SIGTERM");
    assertEquals((await second.ended).code, 0);
  });
});

Deno.test("A client that stops reading is dropped, and the others miss nothing", async () => {
  await inFolder(async (folder) => {
    await using service = start(folder);
    const url = new URL(await service.url());
    const connection = await Deno.connect({ hostname: url.hostname, port: Number(url.port) });
    const request = "GET /api/admin/events?type=test HTTP/1.1\r\nHost: localhost\r\n" +
      "Authorization: Bearer admin-token\r\n\r\n";
    await connection.write(new TextEncoder().encode(request));
    const bytes = new Uint8Array(65_536);
    assert(new TextDecoder().decode(bytes.subarray(0, await connection.read(bytes) ?? 0)).includes("200 OK"));
    const reader = await open(url.origin);
    const tags = Array.from({ length: 20 }, (_, i) => `${i}`.padEnd(64, "x"));
    const total = 5_000;

    const adding = (async () => {
      for (let n = 0; n < total; n += 1_000) {
        const jobs = Array.from({ length: 1_000 }, () => ({ type: "test", options: { tags } }));
        const added = await fetch(`${url.origin}/api/admin/jobs`, {
          method: "POST",
          headers: { ...headers, "Content-Type": "application/json" },
          body: JSON.stringify(jobs),
        });
        assertEquals(added.status, 201);
        await added.body?.cancel();
      }
    })();
    let seen = 0;
    await reader.until(() => ++seen === total);
    await adding;

    let unread = 0;
    try {
      for (let n = await connection.read(bytes); n !== null; n = await connection.read(bytes)) unread += n;
    } catch {
      // It was cut off.
    }
    assert(unread < total * 1_500, `${unread} bytes`); // not all of it: what was kept for it is bounded
    connection.close();
    await reader.cancel();
    service.kill("SIGTERM");
    assertEquals((await service.ended).code, 0);
  });
});
