import { HttpError } from "fresh";
import { loadFlag } from "../../lib/flags.ts";
import { define } from "../../utils.ts";

/** How much is wrong on one page: the menu asks when it may have changed. */
export const handler = define.handlers({
  async GET({ state: { api }, url: { searchParams } }) {
    const wanted = searchParams.get("page");
    const page = (["errors", "workers", "queues"] as const).find((page) => page === wanted);
    if (page === undefined) throw new HttpError(404);
    return Response.json(await loadFlag(api, page));
  },
});
