/** @jsxImportSource preact */
import { page } from "fresh";
import { JobFacts } from "../../../components/job/JobFacts.tsx";
import { JobNotes } from "../../../components/job/JobNotes.tsx";
import { JobPlace } from "../../../components/job/JobPlace.tsx";
import { JobRuns } from "../../../components/job/JobRuns.tsx";
import { JobValues } from "../../../components/job/JobValue.tsx";
import { NoJob } from "../../../components/job/NoJob.tsx";
import Job from "../../../islands/admin/Job.tsx";
import { isForParts } from "../../../lib/fresh-parts.ts";
import { loadJob, loadTimes, openIn } from "../../../lib/job.ts";
import { levelIn, loadLog } from "../../../lib/job-log.ts";
import { loadNeighbours } from "../../../lib/job-neighbours.ts";
import { jobsPath, queryIn } from "../../../lib/jobs-query.ts";
import { loadSame } from "../../../lib/same-failures.ts";
import { ServerParts } from "../../../lib/server-context.ts";
import { lastSegment } from "../../../lib/urls.ts";
import { loadViews, viewShown } from "../../../lib/views.ts";
import { define } from "../../../utils.ts";

export const handler = define.handlers({
  async GET(ctx) {
    const { state: { api }, url: { search, searchParams } } = ctx;
    const id = lastSegment(ctx.url);
    const query = queryIn(searchParams);
    const after = searchParams.get("log") ?? "";
    const list = jobsPath(query);
    const now = Date.now();
    const job = await loadJob(api, id);
    if (job === null) {
      ctx.state.title = "No such job";
      return page({ id, list, now, found: null }, { status: 404 });
    }
    ctx.state.title = `${job.type}, ${job.status}`;
    const [log, times, neighbours, views, same] = await Promise.all([
      loadLog(api, id, after),
      loadTimes(api, job.type),
      loadNeighbours(api, id, query),
      loadViews(api),
      // Without it, a link leads there all the same.
      isForParts(ctx.req) ? loadSame(api, job).catch(() => null) : null,
    ]);
    const open = openIn(searchParams);
    const view = { id, search, after, open, level: levelIn(searchParams), ...neighbours };
    const saved = viewShown(views, searchParams);
    return page({ id, list, now, found: { job, view, log, times, same, saved } });
  },
});

export default define.page<typeof handler>(({ data: { id, list, now, found }, state: { api } }) => {
  if (found === null) return <NoJob id={id} list={list} now={now} />;
  const { job, view, log, times, same, saved } = found;
  const parts = {
    notes: <JobNotes job={job} same={same} now={now} />,
    runs: <JobRuns api={api} job={job} log={log} view={view} now={now} />,
    facts: <JobFacts job={job} times={times} now={now} />,
    values: <JobValues job={job} whole={null} />,
  };
  return (
    <>
      <JobPlace view={view} list={list} saved={saved} />
      <ServerParts value={parts}>
        <Job key={id} initial={job} at={now} log={log} view={view} list={list} />
      </ServerParts>
    </>
  );
});
