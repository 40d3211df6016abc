/** Traces as somebody who collects them gets them from real processes. */
import { assert, assertEquals } from "@std/assert";
import { serveLocally } from "./local-server.ts";
import { OtlpReceiver } from "./otlp.ts";
import { Service, TOKEN_VARIABLES } from "./service.ts";

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const CALLER = "b7ad6b7169203331";

const SERVER = 2;
const CLIENT = 3;
const CONSUMER = 5;

Deno.test("A request that adds a job, its runs in another process and its webhook are one trace", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await using otlp = new OtlpReceiver();
    const received: (string | null)[] = [];
    await using target = serveLocally((request) => {
      received.push(request.headers.get("traceparent"));
      return new Response(null, { status: received.length === 1 ? 503 : 204 }); // so that it runs twice
    });
    const env = { ...TOKEN_VARIABLES, ALLOW_PRIVATE_URLS: "true" };
    await using api = new Service(folder, "main.ts", [], {
      ...env,
      WORKERS: "none",
      ...otlp.environmentOf("api"),
    });
    const url = await api.url();
    await using worker = new Service(folder, "backend/cli.ts", ["worker"], {
      ...env,
      ...otlp.environmentOf("worker"),
    });
    const headers = { Authorization: "Bearer admin-token", "Content-Type": "application/json" };

    const response = await fetch(`${url}/api/admin/jobs`, {
      method: "POST",
      headers: { ...headers, traceparent: `00-${TRACE}-${CALLER}-01` },
      body: JSON.stringify({
        type: "webhook:send",
        data: { url: target.origin, body: { secret: "s3cret" } },
        options: { backoff: { type: "fixed", delay: 1, jitter: 0 } },
      }),
    });
    const requestId = response.headers.get("X-Request-Id");
    const { id } = await response.json();
    const job = await (await fetch(`${url}/api/admin/jobs/${id}?wait=30s`, { headers })).json();
    for (const service of [worker, api]) {
      service.kill("SIGTERM");
      assertEquals((await service.ended).code, 0, (await service.ended).stderr);
    }

    assertEquals([job.status, received.length], ["completed", 2]);
    const spans = otlp.spans.filter(({ traceId }) => traceId === TRACE);
    const added = spans.find(({ kind, parentSpanId }) => kind === SERVER && parentSpanId === CALLER);
    assertEquals([added?.service, added?.attributes["cronosaur.request_id"]], ["api", requestId]);
    assertEquals(job.traceContext, `00-${TRACE}-${added?.spanId}-01`);
    const runs = spans.filter(({ kind }) => kind === CONSUMER)
      .sort((a, b) =>
        Number(a.attributes["cronosaur.job.attempt"]) - Number(b.attributes["cronosaur.job.attempt"])
      );
    assertEquals(
      runs.map(({ name, parentSpanId, service }) => [name, parentSpanId, service]),
      Array(2).fill(["process webhook:send", added?.spanId, "worker"]),
    );
    assertEquals(runs.map(({ status, attributes }) => [status, attributes["cronosaur.job.outcome"]]), [
      [2, "failed"],
      [0, "completed"],
    ]);
    assertEquals(runs.map(({ attributes }) => attributes["messaging.message.id"]), [id, id]);
    for (const [i, run] of runs.entries()) {
      const sent = spans.find(({ kind, parentSpanId }) => kind === CLIENT && parentSpanId === run.spanId);
      assertEquals(received[i], `00-${TRACE}-${sent?.spanId}-01`);
    }
    assert(!JSON.stringify(otlp.spans).includes("s3cret"));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
