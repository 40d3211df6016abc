/** @jsxImportSource preact */
import { page } from "fresh";
import { PageHead } from "../../components/PageHead.tsx";
import Audit from "../../islands/admin/Audit.tsx";
import { auditQueryIn, loadAudit } from "../../lib/audit.ts";
import { define } from "../../utils.ts";

export const handler = define.handlers({
  async GET(ctx) {
    ctx.state.title = "Audit log";
    const query = auditQueryIn(ctx.url.searchParams);
    return page({ audit: await loadAudit(ctx.state.api, query), query, now: Date.now() });
  },
});

export default define.page<typeof handler>(({ data: { audit, query, now } }) => (
  <>
    <PageHead title="Audit log" now={now} />
    <Audit initial={audit} query={query} now={now} />
  </>
));
