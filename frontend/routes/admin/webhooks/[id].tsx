/** @jsxImportSource preact */
import { page } from "fresh";
import { Deliveries } from "../../../components/Deliveries.tsx";
import { PageHead } from "../../../components/PageHead.tsx";
import { STATUSES } from "../../../components/Status.tsx";
import { Text } from "../../../components/Text.tsx";
import { WebhookFacts } from "../../../components/WebhookFacts.tsx";
import Webhook from "../../../islands/admin/Webhook.tsx";
import { ServerParts } from "../../../lib/server-context.ts";
import { lastSegment } from "../../../lib/urls.ts";
import { loadWebhook, nameOf } from "../../../lib/webhooks.ts";
import { define } from "../../../utils.ts";

export const handler = define.handlers({
  async GET(ctx) {
    const { searchParams } = ctx.url;
    const query = {
      status: STATUSES.find((status) => status === searchParams.get("status")) ?? null,
      cursor: searchParams.get("cursor"),
    };
    const data = await loadWebhook(ctx.state.api, lastSegment(ctx.url), query);
    ctx.state.title = `${nameOf(data.webhook)} · Webhooks`;
    return page({ data, query, now: Date.now() });
  },
});

export default define.page<typeof handler>(({ data: { data, query, now }, state }) => (
  <>
    <nav class="row soft" aria-label="Place">
      <a href={`${state.page.base}/admin/webhooks`} aria-current="false">Webhooks</a>
      <span aria-hidden="true">/</span>
    </nav>
    <PageHead title={<Text>{nameOf(data.webhook)}</Text>} now={now} />
    <ServerParts
      value={{
        facts: <WebhookFacts webhook={data.webhook} now={now} />,
        deliveries: <Deliveries data={data} query={query} now={now} />,
      }}
    >
      <Webhook initial={data.webhook} />
    </ServerParts>
  </>
));
