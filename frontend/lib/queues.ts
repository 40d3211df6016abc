import type { InferResponseType } from "hono/client";
import type { Api } from "./api.ts";

export type QueueRow = InferResponseType<Api["queues"]["$get"], 200>["data"][number];

/** What the page of queues shows. */
export interface QueuesData {
  queues: QueueRow[];
  /** Jobs completed a minute, over the last hour. */
  throughput: number;
  failedLastHour: number;
}

export async function loadQueues(api: Api): Promise<QueuesData> {
  const [{ data }, { lastHour }] = await Promise.all([
    api.queues.$get({ query: {} }).then((answer) => answer.json()),
    api.jobs.stats.$get({ query: {} }).then((answer) => answer.json()),
  ]);
  return { queues: data, throughput: lastHour.throughput, failedLastHour: lastHour.failed };
}
