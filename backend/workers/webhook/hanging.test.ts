import { assertEquals } from "@std/assert";
import { Webhooks } from "../../lib/webhooks.ts";
import { EndpointSetup } from "../../testing/endpoint-setup.ts";
import { serveLocally } from "../../testing/local-server.ts";
import { TestQueue } from "../../testing/test-queue.ts";
import { registerAllWorkers } from "../index.ts";

const ATTEMPT = 30_000;

/** An endpoint, and a receiver that does not answer. */
class HangingSetup extends EndpointSetup {
  #answered = Promise.withResolvers<Response>();
  #asked = Promise.withResolvers<void>();
  #noted = Promise.withResolvers<void>();

  constructor() {
    super();
    this.answer = () => (this.#asked.resolve(), this.#answered.promise);
    const { store } = this.queue;
    const commit = store.commit.bind(store);
    store.commit = async (change, now) => {
      await commit(change, now);
      if (change.put.some(({ kind }) => kind === "webhook-health")) this.#noted.resolve();
    };
  }

  /** Runs what is due, of which one is sent, until that has taken as long as it may. */
  async hang(): Promise<void> {
    [this.#asked, this.#noted] = [Promise.withResolvers(), Promise.withResolvers()];
    const drained = this.queue.drain();
    await this.#asked.promise;
    [this.#noted] = [Promise.withResolvers()]; // not that it is on trial: how that ended
    this.clock.advance(ATTEMPT);
    await drained;
    await this.#noted.promise;
  }

  /** Adds a job and the deliveries of it. */
  async add(): Promise<void> {
    await this.queue.add("x", null);
    await this.webhooks.runOnce();
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    this.#answered.resolve(new Response());
    await super[Symbol.asyncDispose]();
  }
}

Deno.test("A receiver that never answers is left at the timeout, and counts as failed", async () => {
  await using setup = new HangingSetup();
  const { id } = await setup.create();
  await setup.add();
  await setup.hang();

  const delivery = await setup.last(id);
  assertEquals([delivery.status, delivery.attempt, delivery.responseStatus], ["retrying", 1, null]);
  const now = setup.clock.now();
  const webhook = await setup.webhooks.get(id);
  assertEquals([webhook?.failures, webhook?.hangsSince, webhook?.restsUntil], [1, now, now + 30_000]);
});

Deno.test("While a receiver rests nothing is sent to it, then one delivery, and all once it answers", async () => {
  await using setup = new HangingSetup();
  const { id } = await setup.create();
  await setup.add();
  await setup.hang();
  await setup.add();
  await setup.add();

  await setup.tell(id);
  const { deliveries: waiting } = await setup.webhooks.deliveries(id);
  assertEquals(waiting.map(({ status, attempt }) => [status, attempt]), Array(4).fill(["retrying", 1]));
  const message = `${new URL(setup.url).origin} does not answer: it is asked again from `;
  assertEquals(waiting.filter(({ error }) => error?.startsWith(message)).length, 3);
  assertEquals([setup.requests.length, (await setup.webhooks.get(id))?.failures], [1, 1]);

  setup.clock.advance(30_000);
  await setup.hang();
  assertEquals([setup.requests.length, (await setup.webhooks.get(id))?.failures], [2, 2]);

  setup.answer = () => new Response("ok");
  await setup.webhooks.update(id, { description: "mended" }); // no need to wait for the end of its rest
  setup.clock.advance(600_000);
  await setup.queue.drain();
  setup.clock.advance(600_000); // those that were due together with the first
  await setup.queue.drain();
  const { deliveries } = await setup.webhooks.deliveries(id);
  assertEquals(deliveries.map(({ status }) => status), Array(4).fill("completed"));
  const webhook = await setup.webhooks.get(id);
  assertEquals([webhook?.failures, webhook?.hangsSince, webhook?.restsUntil], [0, null, null]);
});

Deno.test("Whoever sends again to a receiver that rests sees what comes of it at once", async () => {
  await using setup = new HangingSetup();
  const { id } = await setup.create();
  const { answer } = setup;
  setup.answer = () => new Response("no", { status: 400 });
  const refused = await setup.tell(id);
  setup.answer = answer;
  await setup.add();
  await setup.hang();

  setup.answer = () => new Response("ok");
  const again = await setup.webhooks.resend(id, refused.id);
  await setup.queue.drain();

  assertEquals([refused.status, (await setup.job(again)).status], ["failed", "completed"]);
});

Deno.test("Receivers that hang leave a process its slots, and other receivers theirs", async () => {
  const [hangs, arrived] = [Promise.withResolvers<Response>(), Promise.withResolvers<void>()];
  await using hanging = serveLocally(() => hangs.promise);
  await using good = serveLocally(() => (arrived.resolve(), new Response()));
  await using queue = new TestQueue({ concurrency: 1 });
  registerAllWorkers(queue, { families: ["webhook"], allowPrivateUrls: true });
  queue.process("job", () => "done");
  await using webhooks = new Webhooks(queue, { allowPrivateUrls: true });
  await webhooks.create({ url: hanging.origin, events: ["job.added"] });
  await webhooks.create({ url: good.origin, events: ["job.completed"] });
  await queue.addMany(
    Array.from({ length: 20 }, () => ({ type: "later", data: null, options: { delay: 3_600_000 } })),
  );
  await webhooks.runOnce();
  await queue.start();

  assertEquals(await queue.wait(await queue.add("job", null)), "done");
  await webhooks.runOnce();
  await arrived.promise;
  hangs.resolve(new Response());
});
