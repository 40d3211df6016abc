/** @jsxImportSource preact */
import { page } from "fresh";
import { PageHead } from "../../components/PageHead.tsx";
import Webhooks from "../../islands/admin/Webhooks.tsx";
import { loadWebhooks } from "../../lib/webhooks.ts";
import { define } from "../../utils.ts";

export const handler = define.handlers({
  async GET(ctx) {
    ctx.state.title = "Webhooks";
    const webhooks = await loadWebhooks(ctx.state.api);
    return page({ webhooks, now: Date.now() });
  },
});

export default define.page<typeof handler>(({ data: { webhooks, now } }) => (
  <>
    <PageHead title="Webhooks" now={now} />
    <Webhooks initial={webhooks} now={now} />
  </>
));
