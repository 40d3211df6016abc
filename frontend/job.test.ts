import { assert, assertEquals } from "@std/assert";
import type { JobContext } from "../backend/lib/context.ts";
import { Pages } from "./testing/pages.ts";

const SCRIPT = "<script>alert(1)</script>";

/** Asks for the parts of a page that is there. */
const PARTS = { headers: { "X-Fresh-Parts": "all" } };

/** Adds a job that fails twice, with hostile texts wherever somebody else can write one. */
async function addFailed({ api: { queue, clock } }: Pages): Promise<string> {
  queue.process("mail", (job: JobContext) => {
    job.log.info("hello", { attempt: job.attempt });
    job.log.error(`${SCRIPT} left\u202Eright \u200B.`);
    clock.advance(2_400);
    throw new RangeError(`No user 17 ${SCRIPT}`);
  });
  const id = await queue.add("mail", { to: SCRIPT, password: "hunter2", list: [1, { a: null }] }, {
    maxAttempts: 2,
    backoff: { type: "fixed", delay: 10_000, jitter: 0 },
    tags: ["vip", SCRIPT],
    createdBy: "shop",
    queue: "mails",
  });
  clock.advance(1_200);
  await queue.drain();
  clock.advance(10_000);
  await queue.drain();
  return id;
}

function buttonsOf(html: string): string[] {
  return [...html.matchAll(/<button class="btn[^"]*" type="button"(?: data-step="\w+")?>(.*?)<\/button>/gs)]
    .map(([, inside = ""]) => inside.replaceAll(/<[^>]+>/g, ""));
}

Deno.test("/admin/jobs/:id tells the life, the attempts and the data of a failed job, without scripts", async () => {
  await using pages = new Pages({ app: { basePath: "/ops" } });
  const id = await addFailed(pages);
  await pages.api.queue.add("mail", {}, { maxAttempts: 1 });
  await pages.api.queue.drain();

  const { status, html, text } = await pages.get(`/admin/jobs/${id}?status=failed`);

  assertEquals(status, 200);
  assert(html.includes("<title>mail, failed · Cronosaur</title>"));
  assert(text.includes("No attempts left after 2. See it in Errors"), text);
  assert(/href="\/ops\/admin\/errors\?type=mail&amp;open=[0-9a-f]{16}"/.test(html), html);
  assert(text.includes("Pending Jan 1, 00:00:00 1.2 s Attempt 1 Jan 1, 00:00:01 2.4 s"), text);
  assert(text.includes("Retrying Jan 1, 00:00:03 10 s Attempt 2 Jan 1, 00:00:13 2.4 s Failed"), text);
  assert(text.includes("on memory-1, ran 2.4 s RangeError"), text);
  assert(
    text.includes("info hello {&quot;attempt&quot;:2}") &&
      text.includes("info hello {&quot;attempt&quot;:1}"),
  );
  assert(text.includes("password : redacted") && !html.includes("hunter2"), text);
  assert(text.includes("by shop") && text.includes("None: a failed job has no result."), text);
  assert(
    html.includes('href="/ops/admin/jobs?tag=vip"') && html.includes('href="/ops/admin/jobs?queue=mails"'),
  );
  assert(html.includes(`href="/ops/admin/jobs/`) && text.includes("No. 2 of the list"), text);
});

Deno.test("/admin/jobs/:id of a failed job reads no others but those of its list", async () => {
  await using pages = new Pages();
  const id = await addFailed(pages);
  const { queue } = pages.api;
  const list = queue.list.bind(queue);
  const sizes: (number | undefined)[] = [];
  queue.list = (filter, page) => {
    sizes.push(page?.limit);
    return list(filter, page);
  };

  assertEquals((await pages.get(`/admin/jobs/${id}`)).status, 200);
  assertEquals(sizes, [15]);
});

Deno.test("/admin/jobs/:id of a failed job tells, once it is there, what else failed for the same cause", async () => {
  await using pages = new Pages();
  const { queue } = pages.api;
  const id = await addFailed(pages);
  await queue.add("mail", {}, { maxAttempts: 1 });
  await queue.drain();
  const ofParts = async (id: string) => {
    return (await pages.get(`/admin/jobs/${id}`, PARTS)).text;
  };

  const text = await ofParts(id);
  assert(text.includes("The same error hit 2 jobs , first at Jan 1, 00:00:03 . See all 2"), text);
  assert(
    !(await ofParts(await queue.add("mail", {}))).includes("The same error"),
    "of one that has not failed",
  );
});

Deno.test("/admin/jobs/:id escapes what others have written, and shows what cannot be seen", async () => {
  await using pages = new Pages();
  const { html, text } = await pages.get(`/admin/jobs/${await addFailed(pages)}`);

  assert(!html.includes("<script>alert"));
  assertEquals(html.split("&lt;script>alert(1)").length - 1, 7); // note, two stacks and logs, tag, data
  assert(text.includes("left U+202E right U+200B ."), text);
  assert(!html.replaceAll(/<script.*<\/script>/gs, "").match(/[\u202E\u200B]/), text);
});

Deno.test("/admin/jobs/:id offers admins what can be done with a job of its status, viewers nothing", async () => {
  await using pages = new Pages();
  const { queue } = pages.api;
  queue.process("known", () => 1);
  const final = ["Remove…", "Retry with edits…", "Retry"];
  const waiting = ["Cancel…", "Priority…", "Reschedule…"];
  const completed = await queue.add("known", 1);
  await queue.drain();
  const cancelled = await queue.add("a", 1);
  await queue.cancel(cancelled);
  const cases: [string, string[]][] = [
    [completed, final],
    [cancelled, final],
    [await queue.add("a", 1), waiting],
    [await queue.add("a", 1, { delay: 5000 }), [...waiting, "Run now", "Run now"]],
  ];

  for (const [id, buttons] of cases) {
    assertEquals(buttonsOf((await pages.get(`/admin/jobs/${id}`)).html), buttons);
    assertEquals(buttonsOf((await pages.get(`/admin/jobs/${id}`, { role: "viewer" })).html), []);
  }
});

Deno.test("/admin/jobs/:id says why a job waits", async () => {
  await using pages = new Pages();
  const { queue } = pages.api;
  const about = async (id: string) => (await pages.get(`/admin/jobs/${id}`)).text;
  await queue.pause("slow", { by: "ada", note: "ACME is <down>" });

  assert((await about(await queue.add("a", 1))).includes("No worker for a"));
  const both = await about(await queue.add("a", 1, { queue: "slow" }));
  assert(
    both.includes("Queue slow is paused By ada") && both.includes("ago: “ ACME is &lt;down> ”.") &&
      both.includes("Resume slow") && both.includes("No worker for a"),
  );
  const later = await about(await queue.add("a", 1, { delay: 7_200_000 }));
  const made = await queue.add("a", 1, { createdBy: "schedule:reports/daily" });
  const { html } = await pages.get(`/admin/jobs/${made}`);
  assert(html.includes('href="/admin/schedules/reports%2Fdaily"'));
  assert(/Scheduled for Jan 1, 02:00:00 In .*, 2026-01-01 02:00:00 UTC/.test(later), later);
});

Deno.test("/admin/jobs/:id shows how far a running job is, and what it writes", async () => {
  await using pages = new Pages();
  const { queue, clock } = pages.api;
  const [shown, over] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  queue.process("render", async (job) => {
    job.log.warn("page 33 has no data");
    clock.advance(10_000);
    job.progress(25, "page 41 of 64");
    shown.resolve();
    await over.promise;
    return { pages: 64 };
  });
  const id = await queue.add("render", {});
  const drained = queue.drain();
  await shown.promise;
  const { text, html } = await pages.get(`/admin/jobs/${id}`);

  assert(text.includes("Running attempt 1 of 3"), text);
  assert(buttonsOf(html).includes("Cancel…") && !buttonsOf(html).includes("Retry"), html);
  over.resolve();
  await drained;
  const after = await pages.get(`/admin/jobs/${id}`);
  assert(after.text.includes("pages : 64") && after.text.includes("warn page 33 has no data"), after.text);
  const errors = await pages.get(`/admin/jobs/${id}?level=error`);
  assert(errors.text.includes("Nothing of this level in 1 lines"), errors.text);
});

Deno.test("/admin/jobs/:id shows the first part of what is long, and stays small", async () => {
  await using pages = new Pages({ app: { basePath: "/ops" } });
  const { queue } = pages.api;
  queue.process("deep", () => Array.from({ length: 1000 }).reduce((inner: unknown) => [inner], 1));
  const rows = Array.from({ length: 120_000 }, (_, i) => ({ i, name: `row ${i}` }));
  const big = await queue.add("a", { rows, text: "x".repeat(900_000), [`${"n".repeat(5000)}`]: 1 });
  const deep = await queue.add("deep", {});
  await queue.drain();

  const { html, text } = await pages.get(`/admin/jobs/${big}`);
  assert(text.includes("[ 120,000 ]") && text.includes("119,950 more"), text.slice(-3000));
  assert(text.includes("899,000 more characters") && text.includes("long: the first part is shown"));
  assert(html.includes(`href="/ops/api/admin/jobs/${big}"`) && html.length < 200_000, `${html.length}`);
  const { status, html: nested } = await pages.get(`/admin/jobs/${deep}`);
  assert(status === 200 && nested.length < 200_000);
});

/** Runs a job that writes "one" to its log and ends when that is asked of it. */
async function startFollowed({ api: { queue, store, clock } }: Pages) {
  const [begun, over] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  queue.process("render", () => {
    begun.resolve();
    return over.promise;
  });
  const id = await queue.add("render", {}, { maxAttempts: 1 });
  const drained = queue.drain();
  await begun.promise;
  const { seq } = await queue.get(id) ?? {};
  const write = (level: "info" | "error", ...messages: string[]) => {
    const lines = messages.map((message) => ({ at: clock.now(), attempt: 1, level, message }));
    return store.appendLogs(seq ?? "", lines);
  };
  await write("info", "one.");
  const end = async () => {
    over.resolve();
    await drained;
  };
  return { path: `/admin/jobs/${id}`, write, end, [Symbol.asyncDispose]: end };
}

Deno.test("/admin/jobs/:id sends who follows a log what is new of it, and little else", async () => {
  await using pages = new Pages();
  await using job = await startFollowed(pages);
  const { path, write, end } = job;
  const nextOf = (html: string) => /data-next="([^"]*)"/.exec(html)?.[1] ?? "";
  const ask = (what: string, known: string, level = "debug") =>
    pages.get(`${path}?level=${level}`, { headers: { "X-Fresh-Parts": `${what} ${known}` } });

  const known = nextOf((await pages.get(path)).html);
  await write("info", ...Array.from({ length: 199 }, (_, i) => `line ${i}.`), "line 199.");
  const rest = await ask("growing", known);
  assert(!rest.text.includes("one.") && rest.text.includes("line 0.") && rest.text.includes("line 199."));
  assert(rest.html.includes(`data-known="${known}"`), "what it is the rest of");
  assert(rest.text.includes("Timeline") && !rest.text.includes("Facts"), rest.text);
  assert(!rest.html.includes('<nav class="nav') && !rest.html.includes("island:"), "no page around it");
  const all = await ask("all", known);
  assert(
    !all.text.includes("one.") && all.text.includes("line 199.") && all.text.includes("Facts"),
    all.text,
  );

  const none = await ask("growing", nextOf(rest.html));
  assert(!none.text.includes("line 199.") && none.html.includes("data-known="), none.text);
  await write("error", "last.");
  assert((await ask("growing", nextOf(none.html))).text.includes("error last."));
  const ofLevel = nextOf(rest.html).replace("debug", "warn");
  const ofRun = nextOf(rest.html).replace("2026", "2025");
  for (const known of ["", "nonsense", ofLevel, ofRun]) {
    const { text, html } = await ask("growing", known);
    assert(text.includes("one.") && text.includes("Facts") && !html.includes("data-known="), known);
  }
  const errors = await ask("growing", nextOf(rest.html), "error");
  assert(!errors.text.includes("line 0.") && errors.text.includes("error last."), "another level");

  await end();
  const ended = await ask("growing", nextOf(rest.html));
  assert(ended.text.includes("Completed") && ended.text.includes("Facts") && nextOf(ended.html) === "");
});

Deno.test("/admin/jobs/:id reads a long log page by page", async () => {
  await using pages = new Pages();
  const { queue, clock } = pages.api;
  queue.process("chatty", ({ log, attempt }) => {
    for (let i = 0; i < 900; i++) log.info(`line ${i} of ${attempt}.`);
    throw new Error("enough");
  });
  const backoff = { type: "fixed", delay: 1000, jitter: 0 } as const;
  const id = await queue.add("chatty", 1, { maxAttempts: 2, backoff });
  await queue.drain();
  clock.advance(1000);
  await queue.drain();
  const first = await pages.get(`/admin/jobs/${id}?type=chatty`);
  const [, next = ""] = /href="(\?[^"]*log=[^"]+)"/.exec(first.html) ?? [];
  const second = await pages.get(`/admin/jobs/${id}${next.replaceAll("&amp;", "&")}`);

  assert(first.text.includes("line 99 of 2.") && !first.text.includes("line 100 of 2."));
  assert(first.text.includes("600 earlier lines") && first.text.includes("line 0 of 1."));
  assert(next.includes("type=chatty") && second.text.includes("line 100 of 2."));
  assert(second.text.includes("line 899 of 2.") && second.text.includes("From the beginning"), second.text);
  assert((await pages.get(`/admin/jobs/${id}`, PARTS)).text.includes("line 899 of 2."), "once it is there");
});

Deno.test("/admin/jobs/:id of no job is a page that says so", async () => {
  await using pages = new Pages({ app: { basePath: "/ops" } });
  for (const id of ["none", encodeURIComponent(SCRIPT), "x".repeat(500), "%E2%80%AE"]) {
    const { status, html, text } = await pages.get(`/admin/jobs/${id}?status=failed`);
    assertEquals(status, 404);
    assert(
      text.includes("No job has this id") && html.includes('href="/ops/admin/jobs?status=failed"'),
      text,
    );
    assert(!html.includes("<script>alert"));
  }
});

Deno.test("/admin/jobs/:id knows what stands beside it in its list, over the ends of pages", async () => {
  await using pages = new Pages();
  const { queue } = pages.api;
  const ids: string[] = [];
  for (let i = 0; i < 17; i++) ids.unshift(await queue.add("a", i));
  const beside = async (path: string) => {
    const { html, text } = await pages.get(path);
    const of = (label: string) =>
      new RegExp(`href="([^"]*)" aria-label="${label} job`).exec(html)?.[1]?.replaceAll("&amp;", "&") ?? null;
    return { previous: of("Previous"), next: of("Next"), place: /No. (\d+) of/.exec(text)?.[1] };
  };

  assertEquals(await beside(`/admin/jobs/${ids[0]}`), {
    previous: null,
    next: `/admin/jobs/${ids[1]}`,
    place: "1",
  });
  const last = await beside(`/admin/jobs/${ids[14]}`);
  assertEquals([last.previous, last.place], [`/admin/jobs/${ids[13]}`, "15"]);
  assert(last.next?.startsWith(`/admin/jobs/${ids[15]}?cursor=`), `${last.next}`);
  const other = await beside(last.next ?? "");
  assertEquals([other.place, other.previous], ["16", `/admin/jobs/${ids[14]}`]);
  assertEquals((await beside(`/admin/jobs/${ids[3]}?status=failed`)).place, undefined);
});
