import { HttpError } from "fresh";
import { ApiError } from "../../lib/api.ts";
import { define } from "../../utils.ts";

const STATUSES = [400, 403, 404, 429, 503] as const;

/** Pages are for who is signed in and may read. */
export default define.middleware(async (ctx) => {
  const { page: { base, role }, visit } = ctx.state;
  const isLogin = ctx.url.pathname === `${base}/admin/login`;
  if (role === null && !isLogin) {
    if (visit.role !== null) throw new HttpError(403);
    if (!visit.hasLogin) throw new HttpError(401);
    const next = encodeURIComponent(ctx.url.pathname + ctx.url.search);
    return ctx.redirect(`${base}/admin/login?next=${next}`, 303);
  }
  try {
    return await ctx.next();
  } catch (error) {
    // What the API refuses, the page refuses.
    const status = error instanceof ApiError && STATUSES.find((known) => known === error.status);
    throw status ? new HttpError(status, error.message, { cause: error }) : error;
  }
});
