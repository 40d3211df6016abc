import type { Job } from "../lib/job.ts";
import { defineWebhook, type WebhookData, type WebhookOptions } from "../workers/webhook-worker.ts";
import { FakeClock } from "./fake-clock.ts";
import { type LocalServer, serveLocally } from "./local-server.ts";
import { TestQueue } from "./test-queue.ts";

/** A secret as Standard Webhooks writes them. */
export const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/** A queue that sends webhooks, and a server that gets them. */
export class WebhookSetup implements AsyncDisposable {
  readonly clock: FakeClock;
  readonly queue: TestQueue;
  readonly requests: { method: string; path: string; headers: Headers; body: string }[] = [];
  /** What the server answers, one after the other; the last for ever. */
  answers: (() => Response)[] = [() => new Response("ok")];
  readonly #server: LocalServer;

  constructor(options: WebhookOptions = { allowPrivateUrls: true }, now?: number) {
    this.clock = new FakeClock(now);
    this.queue = new TestQueue({ clock: this.clock });
    this.queue.process(defineWebhook({ clock: this.clock, ...options }));
    this.#server = serveLocally(async (request) => {
      const { pathname, search } = new URL(request.url);
      const { method, headers } = request;
      this.requests.push({ method, path: pathname + search, headers, body: await request.text() });
      const answer = this.answers.length > 1 ? this.answers.shift() : this.answers[0];
      return answer?.() ?? new Response();
    });
  }

  get url(): string {
    return `${this.#server.origin}/hook`;
  }

  /** Adds a job and runs it once. */
  async send(data: Omit<WebhookData, "url"> & { url?: string }): Promise<Job> {
    const id = await this.queue.add("webhook:send", { url: this.url, ...data });
    return await this.runAgain(id);
  }

  /** Runs what is due. @returns The job of this id. */
  async runAgain(id: string): Promise<Job> {
    await this.queue.drain();
    return await this.queue.job(id);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.queue.stop();
    await this.#server[Symbol.asyncDispose]();
  }
}
