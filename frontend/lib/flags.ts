import type { Api } from "./api.ts";

/** How much is wrong, by page of the menu: shown only where there is something. */
export interface Flags {
  /** Dead ones. */
  workers: number;
  /** Paused ones. */
  queues: number;
}

export const NO_FLAGS: Flags = { workers: 0, queues: 0 };

/** Counts what is wrong on one page. */
export async function loadFlag(api: Api, page: keyof Flags): Promise<number> {
  if (page === "workers") {
    const { data } = await (await api.workers.$get({ query: {} })).json();
    return data.filter(({ status }) => status === "dead").length;
  }
  const { data } = await (await api.queues.$get({ query: {} })).json();
  return data.filter(({ paused }) => paused).length;
}

export async function loadFlags(api: Api): Promise<Flags> {
  const [workers, queues] = await Promise.all([loadFlag(api, "workers"), loadFlag(api, "queues")]);
  return { workers, queues };
}
