import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { signalReader } from "./process.ts";
import { createJobs } from "./jobs.ts";
import { FakeClock } from "./testing/fake-clock.ts";
import { serveLocally } from "./testing/local-server.ts";
import { Service, TOKEN_VARIABLES } from "./testing/service.ts";

async function inFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

interface Answer {
  status: number;
  body: { id: string; status: string; data: { id: string; status: string; types: string[] }[] };
}

async function call(
  url: string,
  method: string,
  path: string,
  body?: unknown,
  token = "admin-token",
): Promise<Answer> {
  const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json" };
  const response = await fetch(`${url}/api/admin${path}`, { method, headers, body: JSON.stringify(body) });
  return { status: response.status, body: await response.json() };
}

/** Receives webhooks, says when the first has come, and answers none before the test lets it. */
function receiver() {
  const called = Promise.withResolvers<void>();
  const answered = Promise.withResolvers<void>();
  const server = serveLocally(async () => {
    called.resolve();
    await answered.promise;
    return new Response();
  });
  return {
    called: called.promise,
    answer: answered.resolve,
    /** What adds a job that sends it a webhook. */
    job: { type: "webhook:send", data: { url: server.origin } },
    async [Symbol.asyncDispose]() {
      answered.resolve(); // a server stops once it has answered
      await server[Symbol.asyncDispose]();
    },
  };
}

Deno.test("main.ts on an empty folder makes tokens that work, keeps jobs through SIGKILL, and stops at SIGTERM", async () => {
  await inFolder(async (folder) => {
    let id: string;
    {
      await using service = new Service(folder, "main.ts");
      const url = await service.url();
      const token = /^ADMIN_TOKEN=(.*)$/m.exec(await Deno.readTextFile(`${folder}/data/tokens.env`))?.[1] ??
        "";
      assertEquals((await call(url, "GET", "/jobs", undefined, "wrong-token")).status, 401);
      const added = await call(url, "POST", "/jobs", { type: "nobody:runs" }, token);
      assertEquals(added.status, 201);
      id = added.body.id;
      service.kill("SIGKILL");
      const { stdout, stderr } = await service.ended;
      assertStringIncludes(stdout, "data/tokens.env");
      assert(!(stdout + stderr).includes(token));
    }
    await using service = new Service(folder, "main.ts", [], {
      BASE_PATH: "/ops",
      ADMIN_TOKEN: "admin-token",
    });
    const url = await service.url();
    assert(url.endsWith("/ops"));
    const front = await (await fetch(url)).json();
    assertEquals(front.jobs, "/ops/api/admin/jobs");

    assertEquals((await call(url, "GET", `/jobs/${id}`)).body.status, "pending");

    service.kill("SIGTERM");
    const { code, stdout, stderr } = await service.ended;
    assertEquals([code, stderr], [0, ""]);
    assertStringIncludes(stdout, "every job is stored");
  });
});

Deno.test("A second signal means exit, but the first one again within a second is its echo", () => {
  const clock = new FakeClock();
  const read = signalReader(clock);

  assertEquals([read("SIGINT"), read("SIGINT")], ["stop", "echo"]);
  clock.advance(-60_000); // the system's clock is corrected
  clock.advance(999);
  assertEquals(read("SIGINT"), "echo");
  clock.advance(2);
  assertEquals(read("SIGINT"), "exit");

  const other = signalReader(clock);
  assertEquals([other("SIGINT"), other("SIGTERM")], ["stop", "exit"]);
});

Deno.test("A signal to all processes of `deno task start`, as Ctrl-C sends it, lets running jobs end", async () => {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    await inFolder(async (folder) => {
      await using sink = receiver();
      const env = { ...TOKEN_VARIABLES, STORE_URL: `kv:${folder}/jobs.db`, ALLOW_PRIVATE_URLS: "true" };
      await using service = new Service(folder, "task:start", [], env);
      const url = await service.url();
      const { id } = (await call(url, "POST", "/jobs", sink.job)).body;
      await sink.called;

      service.kill(signal);
      await service.said(new RegExp(`Stopping at ${signal}`));
      sink.answer();

      const { code, stdout } = await service.ended;
      assertStringIncludes(stdout, "every job is stored");
      assertEquals(code, 0);
      await using queue = createJobs({ store: env.STORE_URL }).queue;
      assertEquals((await queue.get(id))?.status, "completed");
    });
  }
});

Deno.test("main.ts waits for running jobs at the first signal, and exits at once at the second", async () => {
  await inFolder(async (folder) => {
    await using sink = receiver();
    await using service = new Service(folder, "main.ts", [], {
      ...TOKEN_VARIABLES,
      ALLOW_PRIVATE_URLS: "true",
    });
    await call(await service.url(), "POST", "/jobs", sink.job);
    await sink.called;

    service.kill("SIGINT");
    await service.said(/Stopping at SIGINT/);
    service.kill("SIGTERM");

    assertEquals((await service.ended).code, 143);
  });
});

Deno.test("main.ts with bad settings names all of them, and starts nothing", async () => {
  await inFolder(async (folder) => {
    const env = { PORT: "80a", JOB_QUEUE_POLL_INTERVAL: "soon", STORE_URL: "postgres://u:hunter2@db/x" };
    await using service = new Service(folder, "main.ts", [], env);

    const { code, stderr } = await service.ended;

    assertEquals(code, 2);
    for (const name of ["PORT", "JOB_QUEUE_POLL_INTERVAL", "STORE_URL"]) {
      assertStringIncludes(stderr, `  ${name}: `);
    }
    assert(!stderr.includes("hunter2"));
    assertEquals(await Array.fromAsync(Deno.readDir(folder)), []);
  });
});

Deno.test("main.ts says which setting to change when a family is unknown or its port is taken", async () => {
  await inFolder(async (folder) => {
    await using sink = serveLocally(() => new Response());
    await using family = new Service(folder, "main.ts", [], {
      ...TOKEN_VARIABLES,
      WORKERS: "webhook,nonsense",
    });
    await using port = new Service(folder, "main.ts", [], {
      ...TOKEN_VARIABLES,
      PORT: String(sink.port),
      STORE_URL: "memory:",
    });

    const [unknown, taken] = await Promise.all([family.ended, port.ended]);

    assertEquals(unknown.code, 2);
    assertStringIncludes(unknown.stderr, 'WORKERS: must be one of webhook, cleanup, found "nonsense"');
    assertEquals(taken.code, 1);
    assertStringIncludes(taken.stderr, `127.0.0.1:${sink.port}: another program uses this port; set PORT`);
  });
});

Deno.test("The worker command runs the jobs that another process takes, under its own id and flags", async () => {
  await inFolder(async (folder) => {
    await using sink = receiver();
    sink.answer();
    const env = { ...TOKEN_VARIABLES, ALLOW_PRIVATE_URLS: "true" };
    await using service = new Service(folder, "main.ts", [], { ...env, WORKERS: "none" });
    const url = await service.url();
    const flags = [
      "--concurrency",
      "10",
      "--types",
      "email,webhook",
      "--worker-id",
      "mail-1",
      "--poll-interval",
      "500",
    ];
    await using worker = new Service(folder, "backend/cli.ts", ["worker", ...flags, "--queues", "a,b"], env);
    await worker.said(/Worker mail-1 runs webhook:send, webhook:deliver, 10 at a time, from the queues a, b/);
    await worker.said(/No handler of this process runs .*email/);

    await call(url, "POST", "/jobs", { ...sink.job, options: { queue: "c" } });
    const { body } = await call(url, "POST", "/jobs", { ...sink.job, options: { queue: "b" } });
    await sink.called;
    assertEquals((await call(url, "GET", `/jobs/${body.id}?wait=10s`)).body.status, "completed");
    const waiting = await call(url, "GET", "/jobs?status=pending");
    assertEquals(waiting.body.data.length, 1);

    await using second = new Service(folder, "backend/cli.ts", ["worker", "--worker-id", "mail-1"], env);
    const refused = await second.ended;
    assertEquals(refused.code, 1);
    assertStringIncludes(refused.stderr, 'Cannot start worker "mail-1": a running process uses this id');

    assertEquals((await call(url, "DELETE", "/workers/mail-1")).status, 202);
    assertEquals((await worker.ended).code, 0);
  });
});

Deno.test("The worker command refuses unknown flags and bad values by name", async () => {
  await inFolder(async (folder) => {
    const cases: [string[], string][] = [
      [["worker", "--concurency", "5"], "--concurency"],
      [["worker", "--concurrency", "0", "--poll-interval", "x"], "--poll-interval: must be"],
      [["worker", "--types", ","], "--types: must be"],
      [["worker", "--worker-id", "a/b"], "--worker-id: must be"],
      [["worker", "--queues"], "--queues"],
      [["worker", "extra"], "too many arguments"],
      [["wroker"], "wroker"],
    ];
    for (const [args, message] of cases) {
      await using cli = new Service(folder, "backend/cli.ts", args);
      const { code, stderr } = await cli.ended;
      assert(code !== 0, args.join(" "));
      assertStringIncludes(stderr, message);
    }
    assertEquals(await Array.fromAsync(Deno.readDir(folder)), []);
  });
});
