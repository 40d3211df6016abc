import type { Api } from "./api.ts";

/** What is wrong, by page of the menu: shown only where there is something. */
export interface Flags {
  deadWorkers: number;
  pausedQueues: number;
}

export const NO_FLAGS: Flags = { deadWorkers: 0, pausedQueues: 0 };

export async function loadFlags(api: Api): Promise<Flags> {
  const [workers, queues] = await Promise.all([
    api.workers.$get({ query: {} }).then((answer) => answer.json()),
    api.queues.$get({ query: {} }).then((answer) => answer.json()),
  ]);
  return {
    deadWorkers: workers.data.filter(({ status }) => status === "dead").length,
    pausedQueues: queues.data.filter(({ paused }) => paused).length,
  };
}
