/** Asks about one schedule. */
import { type Api, ApiError } from "./api.ts";
import type { Explanation, Fault, PreviewQuestion, RunDetails, Schedule, ScheduleData } from "./schedules.ts";

/** Characters of the longest tag that a job can have. */
const LONGEST_TAG = 64;

export async function loadSchedule(api: Api, name: string): Promise<ScheduleData> {
  const query = { subject: name, action: "schedule", limit: "20" };
  const [schedule, { data: audit }] = await Promise.all([
    getSchedule(api, name),
    api.audit.$get({ query }).then((answer) => answer.json()),
  ]);
  const jobs = await loadJobs(api, schedule);
  if (schedule.broken !== null) return { schedule, next: [], clockChanges: [], audit, jobs };
  const [{ data: next }, explained] = await Promise.all([
    api.schedules[":name"].upcoming.$get({ param: { name }, query: {} }).then((answer) => answer.json()),
    explain(api, questionOf(schedule)),
  ]);
  const clockChanges = "preview" in explained ? explained.preview.clockChanges : [];
  return { schedule, next, clockChanges, audit, jobs };
}

/** The jobs of the last runs: they have a tag, unless the schedule's name is too long for one. */
async function loadJobs(api: Api, { name, runs }: Schedule): Promise<Record<string, RunDetails>> {
  const tag = `schedule:${name}`;
  if (runs.length === 0 || tag.length > LONGEST_TAG) return {};
  const { data } = await (await api.jobs.$get({ query: { tag, limit: "20" } })).json();
  return Object.fromEntries(data.map(({ id, status, startedAt, finishedAt, errors }) => {
    const took = startedAt === null || finishedAt === null
      ? null
      : Date.parse(finishedAt) - Date.parse(startedAt);
    const hasFailed = status === "failed" || status === "retrying";
    return [id, { took, error: hasFailed ? errors.at(-1)?.message ?? null : null }];
  }));
}

export async function getSchedule(api: Api, name: string): Promise<Schedule> {
  return await (await api.schedules[":name"].$get({ param: { name } })).json();
}

/** Asks what an expression means. */
export async function explain(
  api: Api,
  question: PreviewQuestion,
  signal?: AbortSignal,
): Promise<Explanation> {
  const json = { ...question, draft: true };
  const preview = await (await api.cron.preview.$post({ json }, { init: { signal } })).json();
  return preview.fault === null ? { preview } : { fault: preview.fault };
}

/** What to ask about a schedule. */
export function questionOf({ name, expression, timezone, dst, createdAt }: Schedule): PreviewQuestion {
  return { name, expression, timezone, dst, anchor: createdAt };
}

/** What is wrong with the input, field by field; nothing, if something else is wrong. */
export function faultsOf(error: unknown): Fault[] {
  return error instanceof ApiError ? error.problem.errors ?? [] : [];
}
