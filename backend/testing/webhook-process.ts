import type { Job } from "../lib/job.ts";
import type { DeliveryData } from "../lib/webhook/message.ts";
import { Webhooks } from "../lib/webhooks.ts";
import { MemoryData } from "../stores/memory.ts";
import { FakeClock } from "./fake-clock.ts";
import { TestQueue } from "./test-queue.ts";

/** An address that nobody sends to. */
export const ADDRESS = "https://example.com/hooks";

/** A process with webhooks, on data that it may share with others. Its jobs end as their type says: `ok`, `fail`. */
export class WebhookProcess implements AsyncDisposable {
  readonly queue: TestQueue;
  readonly webhooks: Webhooks;

  constructor(
    readonly data: MemoryData = new MemoryData(),
    readonly clock: FakeClock = new FakeClock(),
  ) {
    this.queue = new TestQueue({ data, clock });
    this.queue.process("ok", () => "done").process("fail", () => {
      throw new Error("no");
    });
    this.webhooks = new Webhooks(this.queue);
  }

  /** Another process on the same data. */
  join(): WebhookProcess {
    return new WebhookProcess(this.data, this.clock);
  }

  /** All deliveries stored, in the order they were added. */
  async deliveries(): Promise<(Job<DeliveryData>)[]> {
    const jobs: Job[] = [];
    for (let cursor: string | null = ""; cursor !== null;) {
      const page = await this.queue.list(
        { type: "webhook:deliver" },
        { limit: 200, ...(cursor === "" ? {} : { cursor }) },
      );
      jobs.push(...page.jobs);
      cursor = page.nextCursor;
    }
    return jobs.sort((a, b) => a.seq < b.seq ? -1 : 1) as Job<DeliveryData>[];
  }

  /** What each delivery says: the event and the id of its job. */
  async told(endpoint?: string): Promise<string[]> {
    return (await this.deliveries())
      .filter(({ data }) => endpoint === undefined || data.endpoint === endpoint)
      .map(({ data }) => `${data.body.type} ${data.body.data.job.id}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.webhooks.stop();
    await this.queue.stop();
  }
}
