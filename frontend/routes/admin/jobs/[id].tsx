/** @jsxImportSource preact */
import { page } from "fresh";
import { JobPlace } from "../../../components/job/JobPlace.tsx";
import Job from "../../../islands/admin/Job.tsx";
import { loadJob, loadTimes } from "../../../lib/job.ts";
import { levelIn, loadLog, NO_LOG } from "../../../lib/job-log.ts";
import { loadNeighbours } from "../../../lib/job-neighbours.ts";
import { jobsPath, queryIn } from "../../../lib/jobs-query.ts";
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
    const open = searchParams.has("attempt") ? searchParams.getAll("attempt") : null;
    const view = {
      id,
      search,
      after,
      open,
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

export default define.page<typeof handler>(({ data }) => (
  <>
    <JobPlace view={data.view} list={data.list} />
    <Job key={data.view.id} {...data} />
  </>
));
