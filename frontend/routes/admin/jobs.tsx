/** @jsxImportSource preact */
import { page } from "fresh";
import { PageHead } from "../../components/PageHead.tsx";
import JobCounts from "../../islands/admin/JobCounts.tsx";
import JobDashboard from "../../islands/admin/JobDashboard.tsx";
import JobFilter from "../../islands/admin/JobFilter.tsx";
import JobsPlace from "../../islands/admin/JobsPlace.tsx";
import JobTools from "../../islands/admin/JobTools.tsx";
import Overview from "../../islands/admin/Overview.tsx";
import { type JobsData, loadJobs } from "../../lib/jobs.ts";
import { queryIn, typedPath } from "../../lib/jobs-query.ts";
import { loadOverview, overviewIn } from "../../lib/overview.ts";
import { loadViews, shownPath } from "../../lib/views.ts";
import { define } from "../../utils.ts";

export const handler = define.handlers({
  async GET(ctx) {
    const typed = typedPath(ctx.url.searchParams);
    if (typed !== null) return ctx.redirect(ctx.config.basePath + typed);
    ctx.state.title = "Jobs";
    const query = queryIn(ctx.url.searchParams);
    const wanted = overviewIn(ctx.url.searchParams);
    const [jobs, views, data] = await Promise.all([
      loadJobs(ctx.state.api, query),
      loadViews(ctx.state.api),
      loadOverview(ctx.state.api, wanted.range),
    ]);
    const overview = { query: wanted, data };
    const shown = shownPath(ctx.url.searchParams);
    return page({ query, jobs, views, shown, overview, search: ctx.url.search, now: jobs.around.at });
  },
});

export default define.page<typeof handler>((
  { data: { query, jobs, views, shown, overview, search, now } },
) => (
  <>
    <JobsPlace shown={shown} initial={views} />
    <PageHead title="Jobs" now={now}>
      <JobTools conditions={query.conditions} around={namesOf(jobs)} />
    </PageHead>
    <JobCounts initial={jobs.around.counts} query={query} />
    <Overview initial={overview.data} query={overview.query} search={search} renderedAt={now} />
    <JobFilter query={query} around={namesOf(jobs)} tags={jobs.list.tags} views={views} />
    <JobDashboard initial={jobs} query={query} renderedAt={now} />
  </>
));

/** What is suggested. */
function namesOf({ around: { counts, types, queues } }: JobsData) {
  return { counts, types, queues };
}
