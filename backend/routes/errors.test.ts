import { assert, assertEquals } from "@std/assert";
import { Api } from "../testing/api.ts";

interface Group {
  fingerprint: string;
  type: string;
  name: string;
  pattern: string;
  count: number;
  jobs: number;
  failed: number;
  firstAt: string;
  lastAt: string;
  series: number[];
  workers: { id: string; count: number }[];
  sample: { jobId: string; message: string; stack: string | null; workerId: string | null };
}

interface Errors {
  data: Group[];
  groups: number;
  scanned: number;
  complete: boolean;
  from: string | null;
  step: number | null;
}

const PATH = "/api/admin/errors";

/** An API whose jobs fail as their data says. */
function failing(): Api {
  const api = new Api({ queue: { maxAttempts: 1 } });
  for (const type of ["mail", "mail:send", "report"]) {
    api.queue.process<string>(type, (job) => {
      throw job.data.startsWith("RangeError") ? new RangeError(job.data) : new Error(job.data);
    });
  }
  return api;
}

async function errors(api: Api, query = ""): Promise<Errors> {
  const { status, body } = await api.call<Errors>("GET", PATH + query, { role: "viewer" });
  assertEquals(status, 200);
  return body;
}

Deno.test("GET /errors of a store without failures is empty", async () => {
  await using api = failing();
  await api.queue.add("mail", "fails only when it runs");

  assertEquals(await errors(api), {
    data: [],
    groups: 0,
    scanned: 0,
    complete: true,
    from: null,
    step: null,
  });
});

Deno.test("GET /errors groups by type, name and message without what varies, the most frequent first", async () => {
  await using api = failing();
  const add = async (type: string, ...messages: string[]) => {
    for (const [i, message] of messages.entries()) {
      await api.queue.add(type, message, { jobId: `${type}-${messages.length}-${i}` });
      await api.queue.drain();
      api.clock.advance(1000);
    }
  };
  await add("report", "Cannot read page 1");
  await add("mail", 'No user "ada"', 'No user "bob"', "RangeError: 7");
  await add("report", "Cannot read page 22", "Cannot read page 333");

  const { data, ...rest } = await errors(api);

  assertEquals(rest, { groups: 3, scanned: 6, complete: true, from: null, step: null });
  assertEquals(data.map(({ type, name, pattern, count }) => [type, name, pattern, count]), [
    ["report", "Error", "Cannot read page #", 3],
    ["mail", "Error", "No user …", 2],
    ["mail", "RangeError", "RangeError: #", 1],
  ]);
  const [report] = data;
  assertEquals([report?.firstAt, report?.lastAt], ["2026-01-01T00:00:00.000Z", "2026-01-01T00:00:05.000Z"]);
  const { stack, workerId, ...sample } = report?.sample ?? {};
  assertEquals(sample, { jobId: "report-2-1", message: "Cannot read page 333" });
  assert(stack?.startsWith("Error: Cannot read page 333\n    at "), stack ?? "");
  assertEquals(report?.workers, [{ id: workerId, count: 3 }]);
  assertEquals(report?.series, []);
  assertEquals(new Set(data.map(({ fingerprint }) => fingerprint)).size, 3);
  assertEquals((await errors(api, "?type=mail")).data[0]?.fingerprint, data[1]?.fingerprint);
});

Deno.test("GET /errors counts each failed attempt, also of jobs that will be tried again", async () => {
  await using api = failing();
  const backoff = { type: "fixed", delay: 1000, jitter: 0 } as const;
  await api.queue.add("mail", "Timeout after 5 s", { maxAttempts: 3, backoff });
  await api.queue.add("mail", "Timeout after 6 s");
  await api.queue.drain();
  api.clock.advance(1000);
  await api.queue.drain();

  const [group] = (await errors(api)).data;

  assertEquals((await api.queue.stats()).retrying, 1);
  assertEquals([group?.count, group?.jobs, group?.failed], [3, 2, 1]);
  assertEquals([group?.firstAt, group?.lastAt], ["2026-01-01T00:00:00.000Z", "2026-01-01T00:00:01.000Z"]);
});

Deno.test("GET /errors within a range tells when attempts failed, and leaves out older ones", async () => {
  await using api = failing();
  const HOUR = 3_600_000;
  const fail = async (...messages: string[]) => {
    for (const message of messages) await api.queue.add("mail", message);
    await api.queue.drain();
  };
  api.clock.advance(10 * 24 * HOUR);
  await fail("Gone 1", "Old 1");
  api.clock.advance(22 * HOUR);
  await fail("Old 2", "Old 3");
  api.clock.advance(2 * HOUR - 1);
  await fail("New 1");
  const groups = async (range: string) => {
    const { data, from, step } = await errors(api, `?range=${range}`);
    const shown = data.map(({ pattern, count, failed, series }) => {
      return [pattern, count, failed, series.flatMap((n, i) => n > 0 ? [[i, n]] : [])];
    });
    return { from, step, shown };
  };

  assertEquals(await groups("24h"), {
    from: "2026-01-11T00:00:00.000Z",
    step: HOUR,
    shown: [["Old #", 3, 3, [[0, 1], [22, 2]]], ["New #", 1, 1, [[23, 1]]], ["Gone #", 1, 1, [[0, 1]]]],
  });
  assertEquals((await groups("1h")).shown, [["New #", 1, 1, [[11, 1]]]]);
  api.clock.advance(1);
  const [old] = (await groups("24h")).shown;
  assertEquals(old, ["Old #", 2, 2, [[21, 2]]]);
  assertEquals((await groups("7d")).shown.length, 3);
  assertEquals((await groups("30d")).step, 24 * HOUR);
  assertEquals((await errors(api)).groups, 3);
});

Deno.test("GET /errors within a range counts attempts of jobs that will be tried again", async () => {
  await using api = failing();
  await api.queue.add("mail", "No user 1", { maxAttempts: 2 });
  await api.queue.drain();

  const { data } = await errors(api, "?range=1h");
  assertEquals(data.map(({ count, failed }) => [count, failed]), [[1, 0]]);
});

Deno.test("GET /errors within a range leaves out older attempts of jobs that have failed since", async () => {
  await using api = failing();
  const backoff = { type: "fixed", delay: 2 * 3_600_000, jitter: 0 } as const;
  await api.queue.add("mail", "No user 1", { maxAttempts: 2, backoff });
  await api.queue.drain();
  api.clock.advance(2 * 3_600_000);
  await api.queue.drain();
  const counts = async (range: string) =>
    (await errors(api, `?range=${range}`)).data.map(({ count }) => count);

  assertEquals(await counts("1h"), [1]);
  assertEquals(await counts("24h"), [2]);
});

Deno.test("Jobs are listed and retried by the cause of their last failure", async () => {
  await using api = failing();
  await api.queue.addMany([
    { type: "mail", data: "No user 1", options: { jobId: "a" } },
    { type: "mail", data: "No user 2", options: { jobId: "b" } },
    { type: "mail", data: "RangeError: 1", options: { jobId: "c" } },
    { type: "report", data: "No user 3", options: { jobId: "d" } },
  ]);
  await api.queue.drain();
  const group = (await errors(api)).data.find(({ type, pattern }) =>
    type === "mail" && pattern === "No user #"
  );
  const fingerprint = group?.fingerprint ?? "";

  const list = await api.call<{ data: { id: string }[] }>(
    "GET",
    `/api/admin/jobs?fingerprint=${fingerprint}`,
  );
  assertEquals(list.body.data.map(({ id }) => id).sort(), ["a", "b"]);
  assertEquals(group?.failed, 2);

  const body = { action: "retry", filter: { status: "failed", fingerprint } };
  const count = await api.call("POST", "/api/admin/jobs/bulk", { body: { ...body, dryRun: true } });
  assertEquals([count.status, count.body], [200, { matched: 2, scanned: 4, complete: true }] as unknown);
  assertEquals((await api.call("POST", "/api/admin/jobs/bulk", { body })).status, 202);
  await api.queue.drain();
  const attempts = await Promise.all(
    ["a", "b", "c", "d"].map(async (id) => (await api.queue.get(id))?.errors.length),
  );
  assertEquals(attempts, [2, 2, 1, 1]);
});

Deno.test("GET /errors shows a type with its family, and as many groups as asked for", async () => {
  await using api = failing();
  for (const type of ["mail", "mail:send", "report"]) await api.queue.add(type, `No ${type}`);
  await api.queue.drain();
  const types = async (query: string) => (await errors(api, query)).data.map(({ type }) => type).sort();

  assertEquals(await types(""), ["mail", "mail:send", "report"]);
  assertEquals(await types("?type=mail"), ["mail", "mail:send"]);
  assertEquals(await types("?type=none"), []);
  const { data, groups } = await errors(api, "?limit=1");
  assertEquals([data.length, groups], [1, 3]);
});

Deno.test("GET /errors reads no more than the newest 500 entries, and says so", async () => {
  await using api = failing();
  const old = Array.from({ length: 50 }, () => ({ type: "report", data: "An old fault" }));
  await api.queue.addMany(old);
  await api.queue.drain();
  api.clock.advance(1000);
  const many = Array.from({ length: 500 }, (_, i) => ({ type: "mail", data: `A new fault ${i}` }));
  await api.queue.addMany(many);
  await api.queue.drain();

  const { data, scanned, complete } = await errors(api);

  assertEquals(data.map(({ pattern, count }) => [pattern, count]), [["A new fault #", 500]]);
  assertEquals([scanned, complete], [500, false]);
});

Deno.test("GET /errors masks secrets in message and pattern", async () => {
  await using api = failing();
  await api.queue.add("mail", "Refused: password=hunter and Authorization: Bearer abc.def");
  await api.queue.drain();

  const { data } = await errors(api);

  assertEquals(data[0]?.sample.message, "Refused: password=[redacted] and Authorization: [redacted]");
  assertEquals(data[0]?.pattern, "Refused: password=[redacted] and Authorization: [redacted]");
  assert(
    data[0]?.sample.stack?.startsWith("Error: Refused: password=[redacted] and"),
    "the stack repeats it",
  );
});

Deno.test("GET /errors refuses limits that are none, and unknown parameters", async () => {
  await using api = new Api();

  for (const query of ["limit=0", "limit=201", "limit=x", "limits=1", "cursor=a", "range=2h"]) {
    const [status, code] = await api.refusal("GET", `${PATH}?${query}`);
    assertEquals([status, code], [400, "invalid_input"], query);
  }
});
