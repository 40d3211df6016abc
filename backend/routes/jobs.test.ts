import { assert, assertEquals } from "@std/assert";
import type { Job } from "../lib/job.ts";
import { Api } from "../testing/api.ts";
import { START } from "../testing/fake-clock.ts";
import type { JobView } from "./job-view.ts";
import { MASK } from "../lib/redact.ts";

const JOBS = "/api/admin/jobs";

interface Page {
  data: JobView[];
}

Deno.test("POST /jobs adds a job and answers 201 with it, its place and its times in ISO 8601", async () => {
  await using api = new Api();

  const { status, headers, body } = await api.call<JobView>("POST", JOBS, {
    body: {
      type: "email:send",
      data: { to: "ada@example.com" },
      options: {
        priority: 5,
        delay: "30s",
        maxRetries: 4,
        backoff: { type: "fixed", delay: "5s" },
        timeout: "1m",
        unique: { key: "ada", within: "1h" },
        queue: "mail",
        tags: ["a", "b"],
        expiresIn: "24h",
        keepFor: 1000,
      },
    },
  });

  assertEquals(status, 201);
  assertEquals(headers.get("Location"), `${JOBS}/${body.id}`);
  const { data, result, ...rest } = body;
  assertEquals([data, result], [{ to: "ada@example.com" }, null]);
  assertEquals(rest, {
    id: body.id,
    seq: body.id,
    type: "email:send",
    queue: "mail",
    status: "scheduled",
    priority: 5,
    tags: ["a", "b"],
    attempt: 0,
    maxAttempts: 5,
    progress: null,
    errors: [],
    createdAt: "2026-01-01T00:00:00.000Z",
    updatedAt: "2026-01-01T00:00:00.000Z",
    scheduledAt: "2026-01-01T00:00:30.000Z",
    startedAt: null,
    finishedAt: null,
    expiresAt: "2026-01-02T00:00:00.000Z",
    cancelRequestedAt: null,
    workerId: null,
    createdBy: "admin",
    traceContext: null,
    backoff: { type: "fixed", delay: 5000, max: 60_000, factor: 2, jitter: 0.1 },
    timeout: 60_000,
    keepFor: 1000,
    unique: { key: "ada", until: "2026-01-01T01:00:00.000Z" },
    deaths: 0,
    retryOf: null,
  });
  const stored = await api.call<JobView>("GET", `${JOBS}/${body.id}`);
  for (const [name, value] of Object.entries(body)) {
    assertEquals(stored.body[name as keyof JobView], value, name);
  }
});

Deno.test("POST /jobs takes a time with any offset, and runs a job at once whose time has passed", async () => {
  await using api = new Api();
  const add = async (scheduledAt: string) => {
    return (await api.call<JobView>("POST", JOBS, { body: { type: "a", options: { scheduledAt } } })).body;
  };

  assertEquals((await add("2026-01-01T03:00:00+02:00")).scheduledAt, "2026-01-01T01:00:00.000Z");
  assertEquals((await add("2020-01-01T00:00:00Z")).status, "pending");
});

Deno.test("POST /jobs stores data as it is sent, a field called __proto__ too, and null without any", async () => {
  await using api = new Api();
  const data = '{"__proto__":{"a":1},"ü":"\\u2028","n":1.5e3,"e":""}';

  const { body } = await api.call<JobView>("POST", JOBS, { body: `{"type":"a","data":${data}}` });
  const none = await api.call<JobView>("POST", JOBS, { body: { type: "a" } });

  assertEquals((await api.queue.get(body.id))?.data, JSON.parse(data));
  assertEquals(JSON.stringify(body.data), JSON.stringify(JSON.parse(data)));
  assertEquals(none.body.data, null);
});

Deno.test("POST /jobs of an array stores all in order and answers with their ids", async () => {
  await using api = new Api();
  const body = Array.from(
    { length: 5 },
    (_, i) => ({ type: "a", data: i, options: i === 2 ? { jobId: "two" } : {} }),
  );

  const answer = await api.call<{ ids: string[] }>("POST", JOBS, { body });

  assertEquals([answer.status, answer.body.ids[2]], [201, "two"]);
  const { jobs } = await api.queue.list();
  assertEquals(jobs.map(({ id }) => id).reverse(), answer.body.ids);
  assertEquals(jobs.map(({ data }) => data), [4, 3, 2, 1, 0]);
  assertEquals((await api.call<{ ids: string[] }>("POST", JOBS, { body: [] })).body.ids, []);
});

Deno.test("POST /jobs?strict=true takes only types that this process handles", async () => {
  await using api = new Api();
  api.queue.process("known", () => {});
  const strict = `${JOBS}?strict=true`;

  assertEquals(await api.refusal("POST", strict, { body: { type: "other" } }), [
    400,
    "invalid_input",
    "type",
  ]);
  const many = [{ type: "known" }, { type: "other" }, { type: "else" }];
  assertEquals(await api.refusal("POST", strict, { body: many }), [
    400,
    "invalid_input",
    "[1].type",
    "[2].type",
  ]);
  assertEquals(await api.count(), 0);
  assertEquals((await api.call("POST", strict, { body: { type: "known" } })).status, 201);
  assertEquals((await api.call("POST", `${JOBS}?strict=false`, { body: { type: "other" } })).status, 201);
});

Deno.test("POST /jobs answers 200 with the job that has the id or unique key already", async () => {
  await using api = new Api();
  const cases = [{ jobId: "mine" }, { unique: { key: "k" } }, {
    unique: { key: "k", onConflict: "replace" },
  }];
  const statuses: number[] = [];
  const ids = new Set<string>();
  for (const options of [...cases, ...cases]) {
    const { status, body } = await api.call<JobView>("POST", JOBS, { body: { type: "a", options } });
    statuses.push(status);
    ids.add(body.id);
  }

  assertEquals(statuses, [201, 201, 200, 200, 200, 200]);
  assertEquals([ids.size, await api.count()], [2, 2]);
});

Deno.test("POST /jobs answers 409 when the unique key is held and may not be shared", async () => {
  await using api = new Api();
  const body = { type: "a", options: { unique: { key: "k", onConflict: "reject" } } };
  await api.call("POST", JOBS, { body });

  assertEquals(await api.refusal("POST", JOBS, { body }), [409, "unique_conflict"]);
  const many = [{ type: "a" }, body];
  assertEquals(await api.refusal("POST", JOBS, { body: many }), [
    409,
    "unique_conflict",
    "[1].options.unique.key",
  ]);
  assertEquals(await api.count(), 2);
});

Deno.test("POST /jobs with an Idempotency-Key adds one job, however often and at once it is sent", async () => {
  await using api = new Api();
  const send = (key: string) => {
    return api.call<JobView>("POST", JOBS, { body: { type: "a" }, headers: { "Idempotency-Key": key } });
  };

  const answers = await Promise.all(Array.from({ length: 20 }, () => send("order 1")));
  answers.push(await send("order 1"));

  assertEquals(answers.filter(({ status }) => status === 201).length, 1);
  assertEquals(answers.filter(({ status }) => status === 200).length, 20);
  // printf 'order 1' | sha256sum
  assertEquals(answers[0]!.body.id, "idem:f3d6f0d55b053fdeb0116c2eaffd74e9113b2fd19d7d0675fd8c87a430993b8d");
  assertEquals(new Set(answers.map(({ body }) => body.id)).size, 1);
  assertEquals(await api.count(), 1);
  assertEquals((await send("x".repeat(255))).status, 201);
});

Deno.test("POST /jobs refuses an Idempotency-Key that cannot be one, or that contradicts the body", async () => {
  await using api = new Api();
  const post = (key: string, body: unknown = { type: "a" }) => {
    return api.refusal("POST", JOBS, { body, headers: { "Idempotency-Key": key } });
  };

  for (const key of ["", "x".repeat(256), "é", "a\tb"]) {
    assertEquals(await post(key), [400, "invalid_input", "Idempotency-Key"], key);
  }
  assertEquals(await post("k", [{ type: "a" }]), [400, "invalid_input", "Idempotency-Key"]);
  assertEquals(await post("k", { type: "a", options: { jobId: "b" } }), [
    400,
    "invalid_input",
    "options.jobId",
  ]);
  assertEquals(await api.count(), 0);
});

Deno.test("Secrets in data, results, errors and progress are masked everywhere and never found", async () => {
  await using api = new Api({ queue: { maxAttempts: 2 } });
  api.queue.process("a", async (job) => {
    await job.progress(50, "token=hunter2");
    if (job.attempt === 1) throw new Error('refused {"password":"hunter2"}');
    return { apiKey: "hunter2", ok: true };
  }, { backoff: { type: "fixed", delay: 0 } });
  const add = await api.call<JobView>("POST", JOBS, {
    body: { type: "a", data: { Password: "hunter2", deep: [{ SECRET: { x: "hunter2" } }], plain: "shown" } },
  });
  await api.queue.drain();

  const one = await api.call<JobView>("GET", `${JOBS}/${add.body.id}`);
  const list = await api.call<Page>("GET", JOBS);
  const logs = await api.call("GET", `${JOBS}/${add.body.id}/logs`);

  for (const { body } of [add, one, list, logs]) assert(!JSON.stringify(body).includes("hunter2"));
  assertEquals(one.body.data, { Password: MASK, deep: [{ SECRET: MASK }], plain: "shown" });
  assertEquals(one.body.result, { apiKey: MASK, ok: true });
  assertEquals(one.body.errors[0]?.message, `refused {"password":${MASK}}`);
  for (
    const query of [
      "q=hunter2",
      "data.Password=hunter2",
      `data.Password=${MASK}`,
      "data.deep.0.SECRET.x=hunter2",
    ]
  ) {
    assertEquals((await api.call<Page>("GET", `${JOBS}?${query}`)).body.data, [], query);
  }
  assertEquals((await api.call<Page>("GET", `${JOBS}?q=shown`)).body.data.length, 1);
});

Deno.test("PATCH /jobs/:id changes priority and due time of a waiting job, and nothing else", async () => {
  await using api = new Api();
  const id = await api.queue.add("a", 1);
  const patch = (body: unknown) => api.call<JobView>("PATCH", `${JOBS}/${id}`, { body });

  const later = await patch({ priority: 7, scheduledAt: "2026-01-01T01:00:00Z" });
  assertEquals([later.status, later.body.priority, later.body.status], [200, 7, "scheduled"]);
  assertEquals(later.body.scheduledAt, "2026-01-01T01:00:00.000Z");

  const cases: [unknown, ...string[]][] = [
    [{}, "body"],
    [{ data: 1 }, "data", "body"],
    [{ status: "completed", priority: 1 }, "status"],
    [{ priority: 1001 }, "priority"],
    [{ priority: "1" }, "priority"],
    [{ scheduledAt: "soon" }, "scheduledAt"],
    [{ scheduledAt: "9999-01-01T00:00:00Z" }, "scheduledAt"],
    [[], "body"],
  ];
  for (const [body, ...paths] of cases) {
    assertEquals(await api.refusal("PATCH", `${JOBS}/${id}`, { body }), [400, "invalid_input", ...paths]);
  }
  assertEquals((await api.queue.get(id))?.priority, 7);

  await api.queue.cancel(id);
  assertEquals(await api.refusal("PATCH", `${JOBS}/${id}`, { body: { priority: 1 } }), [
    409,
    "invalid_status",
  ]);
});

Deno.test("DELETE /jobs/:id cancels a waiting job, and removes a finished one", async () => {
  await using api = new Api();
  const id = await api.queue.add("a", 1);

  const cancelled = await api.call<JobView>("DELETE", `${JOBS}/${id}`);
  assertEquals([cancelled.status, cancelled.body.status], [200, "cancelled"]);

  assertEquals((await api.call("DELETE", `${JOBS}/${id}`)).status, 204);
  assertEquals(await api.queue.get(id), null);
  assertEquals(await api.refusal("DELETE", `${JOBS}/${id}`), [404, "not_found"]);
});

Deno.test("DELETE takes no body and no query: what it might mean is refused", async () => {
  await using api = new Api();
  const id = await api.queue.add("a", 1);

  assertEquals(await api.refusal("DELETE", `${JOBS}/${id}`, { body: { force: true } }), [
    400,
    "invalid_input",
    "body",
  ]);
  assertEquals(await api.refusal("DELETE", `${JOBS}/${id}?force=1`), [400, "invalid_input", "force"]);
  assertEquals((await api.queue.get(id))?.status, "pending");
});

Deno.test("DELETE /jobs/:id of a running job answers 202, aborts its signal, and it ends cancelled", async () => {
  await using api = new Api();
  const started = Promise.withResolvers<void>();
  const aborted = Promise.withResolvers<void>();
  api.queue.process("a", async (job) => {
    started.resolve();
    job.signal.addEventListener("abort", () => aborted.resolve());
    await aborted.promise;
  });
  const id = await api.queue.add("a", 1);
  const drained = api.queue.drain();
  await started.promise;

  const first = await api.call<JobView>("DELETE", `${JOBS}/${id}`);
  assertEquals([first.status, first.body.status], [202, "running"]);
  assertEquals(first.body.cancelRequestedAt, new Date(START).toISOString());

  await drained;
  assertEquals((await api.queue.get(id))?.status, "cancelled");
});

Deno.test("Ids with every character they may have are found, percent-encoded or not", async () => {
  await using api = new Api();
  const id = "A:b@c.d_e-9";
  await api.queue.add("a", 1, { jobId: id });

  for (const written of [id, encodeURIComponent(id), "%41%3Ab%40c%2Ed_e%2d9"]) {
    assertEquals((await api.call<Job>("GET", `${JOBS}/${written}`)).body.id, id, written);
  }
  const { headers } = await api.call("POST", JOBS, { body: { type: "a", options: { jobId: `${id}2` } } });
  assertEquals((await api.call<Job>("GET", headers.get("Location") ?? "")).body.id, `${id}2`);
});
