/** @jsxImportSource preact */
import { page } from "fresh";
import { JobFacts } from "../../../components/job/JobFacts.tsx";
import { JobPlace } from "../../../components/job/JobPlace.tsx";
import { JobRuns } from "../../../components/job/JobRuns.tsx";
import { JobValues } from "../../../components/job/JobValue.tsx";
import Job from "../../../islands/admin/Job.tsx";
import { loadJob, loadTimes, openIn } from "../../../lib/job.ts";
import { levelIn, loadLog, NO_LOG } from "../../../lib/job-log.ts";
import { loadNeighbours } from "../../../lib/job-neighbours.ts";
import { jobsPath, queryIn } from "../../../lib/jobs-query.ts";
import { ServerParts } from "../../../lib/server-context.ts";
import { lastSegment } from "../../../lib/urls.ts";
import { define } from "../../../utils.ts";

export const handler = define.handlers({
  async GET(ctx) {
    const { state: { api }, url: { search, searchParams } } = ctx;
    const id = lastSegment(ctx.url);
    const query = queryIn(searchParams);
    const after = searchParams.get("log") ?? "";
    const list = jobsPath(query);
    const initial = await loadJob(api, id, Date.now());
    const { job } = initial;
    const view = {
      id,
      search,
      after,
      open: openIn(searchParams),
      level: levelIn(searchParams),
      previous: null,
      next: null,
      place: null,
    };
    if (job === null) {
      ctx.state.title = "No such job";
      const times = { wait: null, run: null };
      return page({ initial, view, list, times, log: NO_LOG }, { status: 404 });
    }
    ctx.state.title = `${job.type}, ${job.status}`;
    const [log, times, neighbours] = await Promise.all([
      loadLog(api, id, after),
      loadTimes(api, job.type),
      loadNeighbours(api, id, query),
    ]);
    return page({ initial, view: { ...view, ...neighbours }, list, times, log });
  },
});

export default define.page<typeof handler>(({ data, state }) => {
  const { initial: { job, now }, view, log, times, list } = data;
  const parts = job === null ? {} : {
    runs: <JobRuns api={state.api} job={job} log={log} view={view} now={now} />,
    facts: <JobFacts job={job} times={times} now={now} />,
    values: <JobValues job={job} whole={null} />,
  };
  return (
    <>
      <JobPlace view={view} list={list} />
      <ServerParts value={parts}>
        <Job key={view.id} initial={data.initial} log={log} view={view} list={list} />
      </ServerParts>
    </>
  );
});
