/** @jsxImportSource preact */
import { page } from "fresh";
import { PageHead } from "../../components/PageHead.tsx";
import Queues from "../../islands/admin/Queues.tsx";
import { loadQueues } from "../../lib/queues.ts";
import { define } from "../../utils.ts";

export const handler = define.handlers({
  async GET(ctx) {
    ctx.state.title = "Queues";
    return page({ queues: await loadQueues(ctx.state.api), now: Date.now() });
  },
});

export default define.page<typeof handler>(({ data: { queues, now } }) => (
  <>
    <PageHead title="Queues" now={now} />
    <Queues initial={queues} now={now} />
  </>
));
