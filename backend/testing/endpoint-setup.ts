import type { Job } from "../lib/job.ts";
import type { NewEndpoint } from "../lib/webhook/input.ts";
import type { Delivery } from "../lib/webhook/deliveries.ts";
import { Webhooks } from "../lib/webhooks.ts";
import { defineDelivery, type WebhookOptions } from "../workers/webhook-worker.ts";
import { FakeClock } from "./fake-clock.ts";
import { type LocalServer, serveLocally } from "./local-server.ts";
import { TestQueue } from "./test-queue.ts";

/** A request that a receiver got. */
export interface Received {
  method: string;
  headers: Headers;
  body: string;
}

/** Jobs, endpoints that are told of them, and a receiver. */
export class EndpointSetup implements AsyncDisposable {
  readonly clock: FakeClock;
  readonly queue: TestQueue;
  readonly webhooks: Webhooks;
  readonly requests: Received[] = [];
  /** What the receiver answers. */
  answer: (request: Request) => Response | Promise<Response> = () => new Response("ok");
  readonly #server: LocalServer;

  /** @param start When it begins, epoch milliseconds. Receivers' libraries refuse what is old. @default now */
  constructor(options: WebhookOptions = { allowPrivateUrls: true }, start: number = Date.now()) {
    this.clock = new FakeClock(start);
    this.queue = new TestQueue({ clock: this.clock });
    this.webhooks = new Webhooks(this.queue, { allowPrivateUrls: true });
    this.queue.process(defineDelivery(this.queue, options));
    this.#server = serveLocally(async (request) => {
      const { method, headers } = request;
      this.requests.push({ method, headers, body: await request.text() });
      return await this.answer(request);
    });
  }

  get url(): string {
    return `${this.#server.origin}/hook`;
  }

  get port(): number {
    return this.#server.port;
  }

  /** Makes an endpoint that is told of jobs that are added. */
  async create(fields: Partial<NewEndpoint> = {}): Promise<{ id: string; secret: string }> {
    const endpoint = { url: this.url, events: ["job.added"] as const, ...fields };
    const { webhook: { id }, secret } = await this.webhooks.create(endpoint);
    return { id, secret };
  }

  /** Adds a job, tells of it, and runs what is due. @returns The last delivery of `endpoint`. */
  async tell(endpoint: string): Promise<Delivery> {
    await this.queue.add("x", { n: 1 });
    await this.webhooks.runOnce();
    await this.queue.drain();
    return await this.last(endpoint);
  }

  /** The delivery of `endpoint` that waits or, if none does, that ended last. */
  async last(endpoint: string): Promise<Delivery> {
    const [delivery] = (await this.webhooks.deliveries(endpoint, { limit: 1 })).deliveries;
    if (delivery === undefined) throw new Error("There is no delivery");
    return delivery;
  }

  /** The job of a delivery. */
  job({ id }: Delivery): Promise<Job> {
    return this.queue.job(id);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.webhooks.stop();
    await this.queue.stop();
    await this.#server[Symbol.asyncDispose]();
  }
}
