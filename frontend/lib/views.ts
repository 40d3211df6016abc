import type { Api } from "./api.ts";
import { type Condition, filterIn, parseFilter } from "./job-filter.ts";
import { beginning, jobsPath, PAGE_SIZES, queryIn } from "./jobs-query.ts";
import { visible } from "./preview.ts";
import type { View } from "./view.ts";

export async function loadViews(api: Api): Promise<View[]> {
  const { data } = await (await api.views.$get({ query: {} })).json();
  return data.map(({ name, filter }) => {
    return { name, filter, label: visible(name), path: pathOf(new URLSearchParams(), parseFilter(filter)) };
  });
}

/** Where the view would lead to that a page with `params` shows. */
export function shownPath(params: URLSearchParams): string {
  return pathOf(params, filterIn(params));
}

/** The view that a page with `params` shows, or whose list it belongs to; null: it is none. */
export function viewShown(views: readonly View[], params: URLSearchParams): View | null {
  const shown = shownPath(params);
  return views.find(({ path }) => path === shown) ?? null;
}

function pathOf(params: URLSearchParams, conditions: Condition[]): string {
  return jobsPath(beginning(queryIn(params), { conditions, limit: PAGE_SIZES[0], kept: {} }));
}
