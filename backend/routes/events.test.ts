import { assert, assertEquals } from "@std/assert";
import { createApp } from "../app.ts";
import { soon } from "../lib/clock.ts";
import { Queue } from "../lib/queue.ts";
import { Scheduler } from "../lib/scheduler.ts";
import { MemoryStore } from "../stores/memory.ts";
import { EventReader, type ReceivedEvent } from "../testing/event-stream.ts";
import { FakeClock } from "../testing/fake-clock.ts";
import type { Role } from "./middleware/auth.ts";

const EVENTS = "/api/admin/events";

/** The API over a queue in memory, with streams that are read while time stands still. */
class Live {
  readonly clock = new FakeClock();
  readonly queue = new Queue({ store: new MemoryStore(), clock: this.clock });
  readonly scheduler = new Scheduler(this.queue);
  role: Role | null = "viewer";
  readonly #app = createApp({
    queue: this.queue,
    scheduler: this.scheduler,
    clock: this.clock,
    authorize: () => this.role,
  });
  readonly #readers: EventReader[] = [];
  #isOver = false;
  #ticking: Promise<void> | null = null;

  request(query = "", headers: Record<string, string> = {}, method = "GET"): Promise<Response> {
    return Promise.resolve(this.#app.request(EVENTS + query, { method, headers }));
  }

  async open(query = "", headers: Record<string, string> = {}): Promise<EventReader> {
    const response = await this.request(query, headers);
    assertEquals(response.status, 200);
    const reader = new EventReader(response.body!);
    this.#readers.push(reader);
    await reader.read(); // the opening
    return reader;
  }

  /** Lets time pass, slowly, until the test is over. */
  tick(): void {
    this.#ticking ??= (async () => {
      while (!this.#isOver) {
        this.clock.advance(20);
        await new Promise<void>(soon);
      }
    })();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const reader of this.#readers) await reader.cancel().catch(() => {});
    this.tick();
    await this.scheduler.stop();
    await this.queue.stop();
    this.#isOver = true;
    await this.#ticking;
  }
}

function isJob(name: string, id?: string) {
  return ({ event, data }: ReceivedEvent) =>
    event === `job.${name}` && (id === undefined || (data as { id: string }).id === id);
}

/** The names of the events about jobs. */
function jobEvents(events: readonly ReceivedEvent[]): string[] {
  return events.filter(({ event }) => event.startsWith("job.")).map(({ event }) => event);
}

Deno.test("GET /events tells what happens to a job, without data and result, with secrets masked", async () => {
  await using live = new Live();
  live.queue.process("mail:send", async (job) => {
    await job.progress(50, "token=hunter2");
    return { secret: "hunter2" };
  });
  const response = await live.request();
  assertEquals(response.headers.get("Content-Type"), "text/event-stream; charset=utf-8");
  assertEquals(response.headers.get("Cache-Control"), "no-store");
  assertEquals(response.headers.get("X-Accel-Buffering"), "no");
  const reader = new EventReader(response.body!);
  live.tick();
  const id = await live.queue.add("mail:send", { secret: "hunter2" }, { tags: ["x"], priority: 2 });
  await live.queue.drain();

  const events = await reader.until(isJob("completed"));

  assertEquals(jobEvents(events), ["job.added", "job.started", "job.progress", "job.completed"]);
  assert(!JSON.stringify(events).includes("hunter2"));
  const last = events.at(-1)!.data as Record<string, unknown>;
  assertEquals([last.id, last.type, last.queue, last.status, last.attempt, last.tags, last.priority], [
    id,
    "mail:send",
    "default",
    "completed",
    1,
    ["x"],
    2,
  ]);
  assert("finishedAt" in last && !("data" in last) && !("result" in last));
  assert(reader.others.includes("retry: 2000"));
  assert(reader.lastEventId.length > 10);
  await reader.cancel();
});

Deno.test("GET /events?type= and ?id= show these jobs alone", async () => {
  await using live = new Live();
  const family = await live.open("?type=mail");
  const one = await live.open("?id=b");
  live.tick();
  await live.queue.add("mail:send", 1, { jobId: "a" });
  await live.queue.add("other", 1, { jobId: "b" });
  await live.queue.add("mailbox", 1, { jobId: "c" });
  await live.queue.add("mail", 1, { jobId: "d" });
  for (const id of ["a", "b", "c", "d"]) await live.queue.cancel(id);

  const idsOf = (events: ReceivedEvent[]) => events.map(({ data }) => (data as { id: string }).id);
  assertEquals(idsOf(await family.until(isJob("cancelled", "d"))), ["a", "d", "a", "d"]);
  assertEquals(idsOf(await one.until(isJob("cancelled", "b"))), ["b", "b"]);
});

Deno.test("GET /events?most= tells of more events at once only how many they are, and goes on behind them", async () => {
  await using live = new Live();
  const all = await live.open();
  const some = await live.open("?most=3");
  const ofType = await live.open("?most=3&type=b");
  live.tick();
  const jobs = (type: string, count: number) => Array.from({ length: count }, () => ({ type, data: null }));
  await live.queue.addMany([...jobs("a", 4), ...jobs("b", 3)]);
  await all.until(isJob("added"));
  await live.queue.add("b", null, { jobId: "last" });

  const events = await some.until(isJob("added", "last"));
  assertEquals(jobEvents(events), ["job.many", "job.added"]);
  assertEquals(events.find(({ event }) => event === "job.many")?.data, { count: 7 });
  assertEquals(jobEvents(await ofType.until(isJob("added", "last"))), Array(4).fill("job.added"));

  const later = await live.open("?most=3", { "Last-Event-ID": some.lastEventId });
  await live.queue.addMany(jobs("a", 4));
  assertEquals(jobEvents(await later.until(({ event }) => event === "job.many")), ["job.many"]);
  for (const most of ["0", "x", "1.5", "-1", "10000", ""]) {
    assertEquals((await live.request(`?most=${most}`)).status, 400, most);
  }
});

Deno.test("GET /events tells the counts when they change, workers that come, and what happens to schedules", async () => {
  await using live = new Live();
  const reader = await live.open();
  live.tick();
  await live.queue.add("a", 1);
  const [stats] = await reader.until(({ event, data }) =>
    event === "stats" && (data as { pending: number }).pending === 1
  ).then((events) => events.slice(-1));
  assertEquals((stats!.data as { byQueue: { default: { pending: number } } }).byQueue.default.pending, 1);

  await live.queue.start();
  const [joined] = (await reader.until(({ event }) => event === "worker.joined")).slice(-1);
  assertEquals((joined!.data as { id: string }).id, live.queue.workerId);

  await live.scheduler.start();
  await live.scheduler.create({ name: "nightly", expression: "@daily", job: { type: "a" } });
  const [schedule] = (await reader.until(({ event }) => event === "schedule.created")).slice(-1);
  assertEquals(schedule!.data, { name: "nightly" });
});

Deno.test("GET /events resumes behind Last-Event-ID, by header or query, and loses nothing meanwhile", async () => {
  await using live = new Live();
  const first = await live.open();
  live.tick();
  await live.queue.add("a", 1, { jobId: "seen" });
  await first.until(isJob("added", "seen"));
  while (first.lastEventId === "") await first.read();
  await first.cancel();
  await live.queue.add("a", 1, { jobId: "missed" });
  await live.queue.cancel("missed");

  for (
    const [query, headers] of [
      [`?lastEventId=${first.lastEventId}`, {}],
      ["", { "Last-Event-ID": first.lastEventId }],
    ] as const
  ) {
    const resumed = await live.open(query, headers);
    const events = jobEvents(await resumed.until(isJob("cancelled", "missed")));
    assertEquals(events.slice(-2), ["job.added", "job.cancelled"]);
    await live.queue.add("a", 1, { jobId: `new${query.length}` });
    await resumed.until(isJob("added", `new${query.length}`));
  }
});

Deno.test("GET /events tells a client to reload when it was away for too long, or its place is none", async () => {
  await using live = new Live();
  const first = await live.open();
  live.tick();
  await live.queue.add("a", 1);
  await first.until(isJob("added"));
  await first.cancel();
  live.clock.advance(601_000);

  for (const id of [first.lastEventId, "nonsense"]) {
    const reader = await live.open("?type=a", { "Last-Event-ID": id });
    assertEquals((await reader.next())?.event, "reset");
    await live.queue.add("a", 1, { jobId: `after-${id.length}` });
    assertEquals(jobEvents(await reader.until(isJob("added", `after-${id.length}`))).length, 1);
  }
});

Deno.test("GET /events shows every 15 s that it lives, and ends for who may not see events any more", async () => {
  await using live = new Live();
  const reader = await live.open("?id=none");
  live.tick();
  while (!reader.others.includes(": still here")) await reader.read();

  live.role = "producer";
  assertEquals(await reader.next(), null);
  assertEquals((await live.request()).status, 403);
  live.role = null;
  assertEquals((await live.request()).status, 401);
  assertEquals((await live.request("", {}, "HEAD")).status, 401);
});

Deno.test("GET /events takes 200 streams, 6 of a session, and says when to come back", async () => {
  await using live = new Live();
  const cookie = { Cookie: "cronosaur=secret" };
  for (let n = 0; n < 6; n++) await live.open("", cookie);
  const seventh = await live.request("", cookie);
  assertEquals([seventh.status, (await seventh.json()).code], [429, "too_many_streams"]);

  await live.open("", { ...cookie, Authorization: "Bearer token" }); // the token counts, and has no session
  const others = await Promise.all(Array.from({ length: 193 }, () => live.open()));
  const refused = await live.request();
  assertEquals([refused.status, refused.headers.get("Retry-After")], [429, "30"]);
  await refused.body?.cancel();
  await others[0]!.cancel();
  await live.open();
});

Deno.test("GET /events takes 6 streams of a session that are asked for at once", async () => {
  await using live = new Live();
  const cookie = { Cookie: "cronosaur=secret" };

  const answers = await Promise.all(Array.from({ length: 10 }, () => live.request("", cookie)));

  for (const { body } of answers) await body?.cancel();
  assertEquals(answers.map(({ status }) => status).sort(), [...Array(6).fill(200), ...Array(4).fill(429)]);
});

Deno.test("GET /events drops a client that does not read, and goes on for the others", async () => {
  await using live = new Live();
  const slow = await live.request();
  const reader = await live.open("?id=last");
  live.tick();
  const tags = Array.from({ length: 20 }, (_, i) => `${i}`.padEnd(64, "x"));
  for (let n = 0; n < 20; n++) {
    await live.queue.addMany(Array.from({ length: 100 }, () => ({ type: "a", data: 1, options: { tags } })));
  }
  await live.queue.add("a", 1, { jobId: "last" });
  await reader.until(isJob("added", "last"));

  let bytes = 0;
  let error: unknown = null;
  try {
    for await (const chunk of slow.body!) bytes += chunk.length;
  } catch (thrown) {
    error = thrown;
  }
  assert(error instanceof Error, "it is dropped");
  assertEquals(bytes, 0); // what waited for it is thrown away
});

Deno.test("GET /events ends when the queue stops, and refuses later ones", async () => {
  await using live = new Live();
  const reader = await live.open("?id=none");

  live.tick();
  await live.queue.stop();

  assertEquals(await reader.next(), null);
  const after = await live.request();
  assertEquals([after.status, (await after.json()).code], [503, "closed"]);
});

Deno.test("GET /events refuses parameters it does not know, and HEAD opens nothing", async () => {
  await using live = new Live();
  const unknown = await live.request("?typ=a");
  assertEquals([unknown.status, (await unknown.json()).errors[0].path], [400, "typ"]);

  const head = await live.request("", {}, "HEAD");
  assertEquals([head.status, await head.text()], [200, ""]);
});
