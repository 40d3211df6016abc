import { soon } from "../../lib/clock.ts";
import { Webhooks } from "../../lib/webhooks.ts";
import { type Answer, Api, TOKENS } from "../api.ts";
import type { FuzzRequest } from "./requests.ts";

/** The API with some jobs and a schedule, and without limits. Its time goes by while somebody waits. */
export class FuzzWorld {
  readonly #api = new Api({
    app: { authorize: { tokens: () => Promise.resolve(TOKENS), limits: { anonymous: 0, signIn: 0 } } },
  });

  /** The id of its webhook; requests call it "webhook". */
  #webhook = "";

  async fill(): Promise<void> {
    const { queue, scheduler } = this.#api;
    await queue.add("a", { user: { id: 17 }, password: "secret" }, {
      jobId: "waiting",
      delay: 3_600_000,
      tags: ["t"],
    });
    await queue.add("a", null, { jobId: "failed", createdBy: "producer", unique: { key: "k" } });
    await queue.cancel("failed");
    await scheduler.create({ name: "nightly", expression: "0 3 * * *", job: { type: "a" } });
    this.#webhook = (await new Webhooks(queue).create({ url: "https://example.com/hooks" })).webhook.id;
  }

  /** Sends a request; what it waits for comes soon. */
  async send({ method, path, role, headers, body }: FuzzRequest): Promise<Answer<unknown>> {
    let isOver = false;
    const own = path.replace("/webhooks/webhook", `/webhooks/${this.#webhook}`);
    const answer = this.#api.call<unknown>(method, own, { role, headers, body })
      .finally(() => isOver = true);
    for (let turns = 0; !isOver; turns++) {
      await new Promise<void>(soon);
      if (turns > 20) this.#api.clock.advance(10_000);
    }
    return await answer;
  }

  /** All that is stored, as text. */
  stored(): string {
    const { all, records, queues } = this.#api.data;
    const kept = [...records].filter(([, ofKind]) => ofKind.size > 0)
      .map(([kind, ofKind]) => [kind, [...ofKind]]);
    return JSON.stringify([[...all.after()], kept, [...queues]]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#api[Symbol.asyncDispose]();
  }
}
