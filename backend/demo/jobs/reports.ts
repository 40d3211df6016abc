import type { JobContext } from "../../lib/context.ts";
import type { World } from "../world.ts";

/** A report about a month. */
export interface Report {
  report: string;
  month: string;
  pages: number;
}

/** What a database says when a query takes too long. */
export class QueryTimeoutError extends Error {
  override readonly name = "QueryTimeoutError";
}

/** Renders a report page by page, with a line for each in the log. */
export async function renderReport(job: JobContext<Report>, world: World): Promise<unknown> {
  const { random } = world;
  const { report, month, pages } = job.data;
  job.log.info("Querying", { report, month });
  await world.work(job, random.between(300, 1500));
  if (random.chance(0.2)) throw queryTimeout(report, random.between(8, 15));
  const rows = pages * random.between(38, 52);
  job.log.info("Got {rows} rows", { rows });
  for (let page = 1; page <= pages; page++) {
    await world.work(job, random.between(200, 900));
    await job.progress(100 * page / pages, `page ${page} of ${pages}`);
    job.log.debug("Rendered page {page}", { page });
  }
  if (random.chance(0.1)) job.log.warn("Some rows have no currency; EUR is taken", { rows: 3 });
  return { file: `reports/${report}-${month}.pdf`, pages, rows };
}

function queryTimeout(report: string, seconds: number): QueryTimeoutError {
  const cause = new Error("canceling statement due to statement timeout");
  return new QueryTimeoutError(`Cannot read "${report}": no answer within ${seconds} s`, { cause });
}
