/** Webhooks of real processes that share one file. */
import { assert, assertEquals } from "@std/assert";
import { Webhook } from "standardwebhooks";
import { serveLocally } from "../testing/local-server.ts";
import { Service, TOKEN_VARIABLES } from "../testing/service.ts";
import type { DeliveryView } from "./webhook-view.ts";

const WEBHOOKS = "api/admin/webhooks";

function start(folder: string): Service {
  return new Service(folder, "main.ts", [], {
    ...TOKEN_VARIABLES,
    WORKERS: "webhook",
    ALLOW_PRIVATE_URLS: "true",
  });
}

async function call<T>(url: string, method: string, path: string, body?: unknown): Promise<T> {
  const headers = { Authorization: "Bearer admin-token", "Content-Type": "application/json" };
  const init = body === undefined ? { method, headers } : { method, headers, body: JSON.stringify(body) };
  const response = await fetch(`${url}/${path}`, init);
  assert(response.ok, `${method} ${path}: ${response.status}`);
  return await response.json();
}

/** A receiver that knows which jobs it was told of, and checks each message. */
class Receiver implements AsyncDisposable {
  readonly jobs = new Set<string>();
  readonly refused: string[] = [];
  secret = "";
  readonly #waiting: { isMet: () => boolean; tell: () => void }[] = [];
  readonly #server = serveLocally(async (request) => {
    const body = await request.text();
    try {
      new Webhook(this.secret).verify(body, Object.fromEntries(request.headers));
      this.jobs.add(JSON.parse(body).data.job.id);
    } catch (error) {
      this.refused.push(String(error));
    }
    for (const { isMet, tell } of this.#waiting) if (isMet()) tell();
    return new Response();
  });

  get url(): string {
    return this.#server.origin;
  }

  /** Resolves once `isMet`. */
  async until(isMet: () => boolean): Promise<void> {
    if (isMet()) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.push({ isMet, tell: resolve });
    await promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server[Symbol.asyncDispose]();
  }
}

function namesOf(from: number, to: number): string[] {
  return Array.from({ length: to - from }, (_, i) => `job-${from + i}`);
}

function add(url: string, ids: readonly string[]): Promise<unknown> {
  return call(url, "POST", "api/admin/jobs", ids.map((jobId) => ({ type: "nobody", options: { jobId } })));
}

/** The job of each delivery there is. */
async function toldOf(url: string, id: string): Promise<string[]> {
  const told: string[] = [];
  for (let cursor = "";;) {
    const path = `${WEBHOOKS}/${id}/deliveries?limit=200${cursor}`;
    const page = await call<{ data: DeliveryView[]; nextCursor: string | null }>(url, "GET", path);
    told.push(...page.data.map(({ jobId }) => jobId));
    if (page.nextCursor === null) return told.sort();
    cursor = `&cursor=${page.nextCursor}`;
  }
}

Deno.test("Two processes tell each event by one delivery, also when one of them is killed meanwhile", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await using receiver = new Receiver();
    await using first = start(folder);
    await first.url();
    await using second = start(folder);
    const [here, there] = [await first.url(), await second.url()];
    const endpoint = { url: receiver.url, events: ["job.added", "job.cancelled"] };
    const { id, secret } = await call<{ id: string; secret: string }>(here, "POST", WEBHOOKS, endpoint);
    receiver.secret = secret;
    await add(there, ["first"]); // how it ends is told in any case; adds, once the other process has heard
    await call(there, "DELETE", "api/admin/jobs/first");
    await receiver.until(() => receiver.jobs.has("first"));

    await Promise.all([add(here, namesOf(0, 300)), add(there, namesOf(300, 600))]);
    await receiver.until(() => receiver.jobs.size >= 50);
    first.kill("SIGKILL");
    await first.ended;
    await add(there, namesOf(600, 700));
    await receiver.until(() => receiver.jobs.size === 701);

    const everything = namesOf(0, 700).sort();
    assertEquals([...receiver.jobs].filter((job) => job !== "first").sort(), everything);
    assertEquals((await toldOf(there, id)).filter((job) => job !== "first"), everything);
    assertEquals(receiver.refused, []);
    second.kill("SIGTERM");
    assertEquals((await second.ended).code, 0);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("What was added before a restart is told after it", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await using receiver = new Receiver();
    let id = "";
    {
      await using service = start(folder);
      const url = await service.url();
      const endpoint = { url: receiver.url, events: ["job.added"] };
      const made = await call<{ id: string; secret: string }>(url, "POST", WEBHOOKS, endpoint);
      id = made.id;
      receiver.secret = made.secret;
      await add(url, namesOf(0, 200));
      service.kill("SIGKILL"); // before most are told
      await service.ended;
    }
    await using service = start(folder);
    const url = await service.url();
    await receiver.until(() => receiver.jobs.size === 200);

    assertEquals(await toldOf(url, id), namesOf(0, 200).sort());
    service.kill("SIGTERM");
    assertEquals((await service.ended).code, 0);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
