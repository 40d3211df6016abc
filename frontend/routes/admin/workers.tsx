/** @jsxImportSource preact */
import { page } from "fresh";
import { PageHead } from "../../components/PageHead.tsx";
import Workers from "../../islands/admin/Workers.tsx";
import { loadWorkers } from "../../lib/workers.ts";
import { define } from "../../utils.ts";

export const handler = define.handlers({
  async GET(ctx) {
    ctx.state.title = "Workers";
    const workers = await loadWorkers(ctx.state.api);
    return page({ workers, open: ctx.url.searchParams.getAll("open"), now: Date.now() });
  },
});

export default define.page<typeof handler>(({ data: { workers, open, now } }) => (
  <>
    <PageHead title="Workers" now={now} />
    <Workers initial={workers} open={open} now={now} />
  </>
));
