import type { Api } from "./api.ts";
import { loadErrors } from "./errors.ts";

/** How much is wrong, by page of the menu: shown only where there is something. */
export interface Flags {
  /** Causes of failures that came with the last release. */
  errors: number;
  /** Dead ones. */
  workers: number;
  /** Paused ones. */
  queues: number;
}

export const NO_FLAGS: Flags = { errors: 0, workers: 0, queues: 0 };

/** Counts what is wrong on one page. */
export async function loadFlag(api: Api, page: keyof Flags): Promise<number> {
  if (page === "errors") return await countNewCauses(api);
  if (page === "workers") {
    const { data } = await (await api.workers.$get({ query: {} })).json();
    return data.filter(({ status }) => status === "dead").length;
  }
  const { data } = await (await api.queues.$get({ query: {} })).json();
  return data.filter(({ paused }) => paused).length;
}

/** Counts what a page is rendered with: not the errors, which take longer than a page may. Browsers ask for them. */
export async function loadFlags(api: Api): Promise<Flags> {
  const [workers, queues] = await Promise.all([loadFlag(api, "workers"), loadFlag(api, "queues")]);
  return { ...NO_FLAGS, workers, queues };
}

/** As the page of errors marks them. Mostly there was no release of late, and no failure has to be read. */
async function countNewCauses(api: Api): Promise<number> {
  const range = "24h";
  const [{ data: versions }, { from }] = await Promise.all([
    api.stats.versions.$get({ query: {} }).then((answer) => answer.json()),
    api.stats.history.$get({ query: { range } }).then((answer) => answer.json()),
  ]);
  if ((versions.at(-1)?.at ?? "") < from) return 0;
  const { causes } = await loadErrors(api, { range, type: null, open: null });
  return causes.filter(({ isNew }) => isNew).length;
}
