import { assert, assertEquals } from "@std/assert";
import { createApp } from "../app.ts";
import { Queue } from "../lib/queue.ts";
import { Scheduler } from "../lib/scheduler.ts";
import { MemoryStore } from "../stores/memory.ts";
import { Api } from "../testing/api.ts";
import { makeJob } from "../testing/factories.ts";
import { VERSION } from "../version.ts";
import { type ApiDocument, type Operation, operationsOf } from "./api-document.ts";
import { exampleOf } from "./api-outline.ts";
import { FrameWriter } from "./event-frames.ts";
import { EVENT_DATA, EVENTS } from "./event-schemas.ts";
import { createRedactor } from "../lib/redact.ts";

const DOCUMENT = "/api/admin/openapi.json";
const PAGE = "/api/admin/docs";

/** The document, as a viewer sees it. */
async function readDocument(api: Api): Promise<ApiDocument> {
  const { status, body } = await api.call<ApiDocument>("GET", DOCUMENT, { role: "viewer" });
  assertEquals(status, 200);
  return body;
}

/** What is said of each method of each path: `GET /api/admin/jobs`. */
function operations({ paths = {} }: ApiDocument): Map<string, Operation> {
  return new Map(
    Object.entries(paths).flatMap(([path, item]) => {
      return operationsOf(item).map(([method, operation]) =>
        [`${method.toUpperCase()} ${path}`, operation] as const
      );
    }),
  );
}

Deno.test("Every route there is stands in the document, and none that is not", async () => {
  await using api = new Api();
  const documented = [...operations(await readDocument(api)).keys()];

  const routes = api.routes.filter(({ method, path }) =>
    method !== "ALL" && /^\/(api|health|metrics)/.test(path)
  )
    .map(({ method, path }) => `${method} ${path.replace(/\/$/, "").replaceAll(/:(\w+)/g, "{$1}")}`);

  assertEquals(documented.toSorted(), [...new Set(routes)].sort());
});

Deno.test("Each operation has an id of its own, says what it does, for whom and about what", async () => {
  await using api = new Api();
  const document = await readDocument(api);
  const all = [...operations(document)];

  assertEquals(new Set(all.map(([, { operationId }]) => operationId)).size, all.length);
  for (const [name, { operationId, summary, tags, security, "x-roles": roles }] of all) {
    assert(/^[a-z]+[A-Z]\w+$/.test(operationId ?? ""), name);
    assert(summary, name);
    assert(document.tags?.some((tag) => tag.name === tags?.[0]), name);
    assert((roles?.[0] === "admin") !== (security !== undefined), `${name} is for somebody, or open`);
  }
});

Deno.test("The document says what each route may refuse, by what it has", async () => {
  await using api = new Api();
  const all = operations(await readDocument(api));
  const refusals = (name: string) => {
    return Object.keys(all.get(name)?.responses ?? {}).map(Number).filter((status) => status >= 400);
  };

  assertEquals(refusals("GET /api/admin/jobs"), [400, 401, 429, 500, 503]);
  assertEquals(refusals("GET /api/admin/stats/history"), [400, 401, 403, 429, 500, 503]);
  assertEquals(refusals("PATCH /api/admin/jobs/{id}"), [
    400,
    401,
    403,
    404,
    408,
    409,
    413,
    415,
    429,
    500,
    503,
  ]);
  assertEquals(refusals("GET /health/live"), []);
  assertEquals(all.get("PATCH /api/admin/jobs/{id}")?.responses?.[409], {
    $ref: "#/components/responses/Conflict",
    description: "It does not wait",
  });
});

Deno.test("The document says what lists hold and how many, and which parameters have no fixed name", async () => {
  await using api = new Api();
  const all = operations(await readDocument(api));
  const { requestBody } = all.get("POST /api/admin/jobs") ?? {};
  const { parameters } = all.get("GET /api/admin/jobs") ?? {};
  const named = parameters?.map((parameter) => "name" in parameter ? parameter.name : "");

  assert(requestBody !== undefined && "content" in requestBody);
  assertEquals(requestBody.content["application/json"]?.schema, {
    anyOf: [
      { $ref: "#/components/schemas/NewJob" },
      { type: "array", items: { $ref: "#/components/schemas/NewJob" }, maxItems: 1000 },
    ],
  });
  assert(named?.includes("data.<path>") && named.includes("status"));
});

Deno.test("The document tells version and place, also below a path and in another app", async () => {
  await using api = new Api({ app: { basePath: "/ops" } });
  const { body } = await api.call<ApiDocument>("GET", `/ops${DOCUMENT}`);
  assertEquals([body.info.version, body.servers], [VERSION, [{ url: "/ops" }]]);

  const queue = new Queue({ store: new MemoryStore() });
  const app = createApp({ queue, scheduler: new Scheduler(queue), authorize: () => "viewer" });
  assertEquals((await (await app.request(DOCUMENT)).json()).servers, [{ url: "/" }]);
  await queue.stop();
});

Deno.test("What events hold is what the document says", () => {
  const job = makeJob({ status: "completed", progress: { percent: 50, note: null, at: 1 }, finishedAt: 2 });
  const counts = { pending: 1, scheduled: 0, running: 0, retrying: 0, completed: 0, failed: 0, cancelled: 0 };
  const worker = { id: "w", host: "h", pid: 1, concurrency: 10, types: ["a"] };
  const frames = new FrameWriter(createRedactor()).framesOf({
    changes: [{ event: "completed", at: 2, job }],
    news: [
      { event: "stats", counts, byQueue: { default: counts } },
      { event: "worker.joined", worker },
      { event: "schedule.created", name: "nightly" },
    ],
    reset: true,
    cursor: "c",
  });

  const text = new TextDecoder().decode(frames({}) ?? new Uint8Array());
  const sent = [...text.matchAll(/^event: (.*)\ndata: (.*)$/gm)].map(([, event = "", data = ""]) => {
    return { event, data: JSON.parse(data) };
  });
  assertEquals(sent.map(({ event }) => event), [
    "reset",
    "job.completed",
    "stats",
    "worker.joined",
    "schedule.created",
  ]);
  for (const { event, data } of sent) {
    const schema = EVENT_DATA[EVENTS[event] ?? EVENTS[event.replace(/\..*/, ".*")] ?? "ResetEvent"];
    assertEquals(schema.parse(data), data, event);
  }
});

Deno.test("GET /docs shows each route without a script, and loads nothing but its stylesheet", async () => {
  await using api = new Api({ app: { publicUrl: "https://jobs.example.com/", basePath: "/ops" } });
  const { headers, body } = await api.call<string>("GET", `/ops${PAGE}`, { role: "producer" });
  const document = (await api.call<ApiDocument>("GET", `/ops${DOCUMENT}`)).body;

  assertEquals(headers.get("Content-Type"), "text/html; charset=UTF-8");
  const policy = headers.get("Content-Security-Policy") ?? "";
  assertEquals(policy.split("; ").slice(0, 2), ["default-src 'none'", "style-src 'self'"]);
  assert(!/<script|<style|<form|<img|<iframe|\sstyle=|\son\w+=/i.test(body));
  const addresses = [...body.matchAll(/\s(?:href|src)="([^"#][^"]*)"/g)].map(([, address]) => address);
  assertEquals(addresses.toSorted(), ["docs/style.css", "openapi.json"]);
  for (const [name, { operationId }] of operations(document)) {
    assert(body.includes(`<article id="${operationId}">`), name);
  }
  assert(body.includes("api=https://jobs.example.com/ops\n"));
  const ids = new Set([...body.matchAll(/\sid="([^"]*)"/g)].map(([, id]) => id));
  for (const [, target] of body.matchAll(/href="#([^"]*)"/g)) assert(ids.has(target), target);
});

Deno.test("The bodies that GET /docs shows are taken", async () => {
  await using api = new Api();
  const document = await readDocument(api);
  for (const [name, { requestBody, security }] of operations(document)) {
    const content = requestBody !== undefined && "content" in requestBody && requestBody.required === true
      ? requestBody.content["application/json"]
      : undefined;
    if (content?.schema === undefined || security !== undefined) continue; // nobody's token is an example
    const [method = "", path = ""] = name.split(" ");
    const example = exampleOf(content.schema, document.components?.schemas ?? {});
    const { status, body } = await api.call(method, path.replaceAll(/\{\w+\}/g, "none"), { body: example });

    assert(status < 300 || status === 404, `${name}: ${status} ${body.detail}`);
  }
});

Deno.test("GET /docs/style.css is a stylesheet for light and dark", async () => {
  await using api = new Api();
  const { headers, body } = await api.call<string>("GET", `${PAGE}/style.css`, { role: "producer" });

  assertEquals(headers.get("Content-Type"), "text/css; charset=utf-8");
  assert(body.includes("color-scheme: light dark"));
});

Deno.test("A browser that has signed in may read the page", async () => {
  await using api = new Api();
  const { headers } = await api.call("POST", "/api/admin/session", {
    role: null,
    body: { token: "viewer-token" },
  });
  const Cookie = headers.get("Set-Cookie")?.split(";")[0] ?? "";

  for (const path of [DOCUMENT, PAGE, `${PAGE}/style.css`]) {
    assertEquals((await api.call("GET", path, { role: null, headers: { Cookie } })).status, 200);
    assertEquals((await api.call("GET", path, { role: null })).status, 401);
  }
});
