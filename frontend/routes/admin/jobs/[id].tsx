/** @jsxImportSource preact */
import { page } from "fresh";
import { JobAttempts } from "../../../components/job/JobAttempts.tsx";
import { JobFacts } from "../../../components/job/JobFacts.tsx";
import { GoneNote, JobNotes } from "../../../components/job/JobNotes.tsx";
import { JobPlace } from "../../../components/job/JobPlace.tsx";
import { JobRuns } from "../../../components/job/JobRuns.tsx";
import { JobValues } from "../../../components/job/JobValue.tsx";
import { NoJob } from "../../../components/job/NoJob.tsx";
import { ServerPart } from "../../../components/ServerPart.tsx";
import Job from "../../../islands/admin/Job.tsx";
import { isForParts, wantedIn } from "../../../lib/fresh-parts.ts";
import { loadJob, loadTimes, openIn } from "../../../lib/job.ts";
import { levelIn, loadLog, placeOf } from "../../../lib/job-log.ts";
import { loadNeighbours } from "../../../lib/job-neighbours.ts";
import { jobsPath, queryIn } from "../../../lib/jobs-query.ts";
import { loadSame } from "../../../lib/same-failures.ts";
import { ServerParts } from "../../../lib/server-context.ts";
import { lastSegment } from "../../../lib/urls.ts";
import { loadViews, viewShown } from "../../../lib/views.ts";
import { define } from "../../../utils.ts";

/** Pages of the log that are read for a page: all that one attempt may write. */
const LOG_PAGES = 5;
/** The same for the parts of one that is there. */
const MOST_LOG_PAGES = 25;

export const handler = define.handlers({
  async GET(ctx) {
    const { state: { api }, url: { search, searchParams } } = ctx;
    const id = lastSegment(ctx.url);
    const query = queryIn(searchParams);
    const after = searchParams.get("log") ?? "";
    const level = levelIn(searchParams);
    const list = jobsPath(query);
    const now = Date.now();
    const job = await loadJob(api, id);
    if (job === null) {
      ctx.state.title = "No such job";
      return page({ id, list, now, found: null }, { status: 404 });
    }
    ctx.state.title = `${job.type}, ${job.status}`;
    const { isAll, known } = wantedIn(ctx.req);
    const place = placeOf(known, job, level);
    const rest = place === null ? null : { ...await loadLog(api, id, place, MOST_LOG_PAGES), known };
    if (rest !== null && !isAll) {
      const runs = <JobRuns job={job} log={rest} view={{ level, search }} now={now} />;
      return ctx.render(
        <ServerParts value={{ runs }}>
          <ServerPart name="runs" />
        </ServerParts>,
      );
    }
    const [log, times, neighbours, views, same] = await Promise.all([
      loadLog(api, id, { after, lines: 0 }, isForParts(ctx.req) ? MOST_LOG_PAGES : LOG_PAGES),
      loadTimes(api, job.type),
      loadNeighbours(api, id, query),
      loadViews(api),
      // Without it, a link leads there all the same.
      isForParts(ctx.req) ? loadSame(api, job).catch(() => null) : null,
    ]);
    const open = openIn(searchParams);
    const view = { id, search, after, open, level, ...neighbours };
    const saved = viewShown(views, searchParams);
    return page({ id, list, now, found: { job, view, log, rest, times, same, saved } });
  },
});

export default define.page<typeof handler>(({ data: { id, list, now, found } }) => {
  if (found === null) return <NoJob id={id} list={list} now={now} />;
  const { job, view, log, rest, times, same, saved } = found;
  const parts = {
    gone: <GoneNote />,
    notes: <JobNotes job={job} same={same} now={now} />,
    runs: <JobRuns job={job} log={rest ?? log} view={view} now={now} />,
    attempts: <JobAttempts job={job} log={log} view={view} now={now} />,
    facts: <JobFacts job={job} times={times} now={now} />,
    values: <JobValues job={job} whole={null} />,
  };
  return (
    <>
      <JobPlace view={view} list={list} saved={saved} />
      <ServerParts value={parts}>
        <Job key={id} initial={job} at={now} view={view} list={list} />
      </ServerParts>
    </>
  );
});
