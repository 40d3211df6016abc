import { OpenAPIHono, z } from "@hono/zod-openapi";
import { isInputError, underPath } from "../lib/errors.ts";
import type { Redactor } from "../lib/redact.ts";
import { checkScheduleName } from "../lib/schedule/definition.ts";
import type { NewSchedule } from "../lib/schedule/input.ts";
import type { Schedule } from "../lib/schedule/view.ts";
import type { Scheduler } from "../lib/scheduler.ts";
import { note, noteChange } from "./middleware/audit.ts";
import type { ApiEnv, Role } from "./middleware/auth.ts";
import { refuseMisfits } from "./middleware/issues.ts";
import { HttpProblem } from "./middleware/problem.ts";
import { findSchedule, listPage, possibleName } from "./schedule-find.ts";
import * as input from "./schedule-input.ts";
import * as schemas from "./schedule-schemas.ts";
import { viewDefinition, viewListed, viewSchedule } from "./schedule-view.ts";
import { answer, body, nameParam, nothing, route } from "./schemas.ts";

const listSchedules = route(["viewer"], {
  method: "get",
  path: "/",
  summary: "Lists schedules, by name",
  request: { query: input.listQuery },
  responses: {
    200: answer(
      "A page of schedules, by name",
      z.object({ data: z.array(schemas.listedScheduleSchema), nextCursor: z.string().nullable() }),
    ),
  },
});

const createSchedule = route([], {
  method: "post",
  path: "/",
  summary: "Makes a schedule",
  request: { query: nothing, body: body(input.newSchedule) },
  responses: { 201: answer("The schedule made", schemas.scheduleSchema) },
}, { 409: "There is one of this name" });

const getSchedule = route(["viewer"], {
  method: "get",
  path: "/{name}",
  summary: "Tells everything about a schedule",
  request: { params: nameParam, query: nothing },
  responses: { 200: answer("The schedule", schemas.scheduleSchema) },
});

const changeSchedule = route([], {
  method: "patch",
  path: "/{name}",
  summary: "Changes a schedule; what is left out stays",
  request: { params: nameParam, query: nothing, body: body(input.scheduleChanges) },
  responses: { 200: answer("The schedule as it is now", schemas.scheduleSchema) },
});

const removeSchedule = route([], {
  method: "delete",
  path: "/{name}",
  summary: "Removes a schedule; its jobs stay",
  request: { params: nameParam, query: nothing },
  responses: { 204: { description: "It is removed; its jobs stay" } },
});

/** Routes under `/api/admin/schedules` that concern what a schedule is, or a list of them. */
export function scheduleRoutes({ scheduler, redactor }: { scheduler: Scheduler; redactor: Redactor }) {
  const view = (schedule: Schedule) => viewDefinition(schedule, redactor);

  return new OpenAPIHono<ApiEnv>({ defaultHook: refuseMisfits })
    .openapi(listSchedules, async (c) => {
      const { schedules, nextCursor } = await listPage(scheduler, c.req.valid("query"));
      return c.json({ data: schedules.map((schedule) => viewListed(schedule, redactor)), nextCursor }, 200);
    })
    .openapi(createSchedule, async (c) => {
      const { job, ...given } = c.req.valid("json");
      const schedule = await create(scheduler, { ...given, job: whole(job, null, redactor) }, c.var.role);
      const location = `${new URL(c.req.url).pathname}/${encodeURIComponent(schedule.name)}`;
      note(c, {
        action: "schedule.create",
        subject: schedule.name,
        after: view(schedule),
      });
      return c.json(viewSchedule(schedule, redactor), 201, { Location: location });
    })
    .openapi(getSchedule, async (c) => {
      return c.json(viewSchedule(await findSchedule(scheduler, c.req.valid("param").name), redactor), 200);
    })
    .openapi(changeSchedule, async (c) => {
      const { job, ...given } = c.req.valid("json");
      const stored = await findSchedule(scheduler, c.req.valid("param").name);
      const changes = job === undefined ? given : { ...given, job: whole(job, stored, redactor) };
      const onChanged = noteChange(c, { action: "schedule.update", subject: stored.name }, view);
      const changed = await ofJob(() =>
        scheduler.update(stored.name, changes, { by: c.var.role, onChanged })
      );
      return c.json(viewSchedule(changed, redactor), 200);
    })
    .openapi(removeSchedule, async (c) => {
      const name = possibleName(c.req.valid("param").name);
      const onChanged = noteChange(c, { action: "schedule.remove", subject: name }, view);
      await scheduler.remove(name, { by: c.var.role, onChanged });
      return c.body(null, 204);
    });
}

async function create(scheduler: Scheduler, schedule: NewSchedule, by: Role): Promise<Schedule> {
  const name = checkScheduleName(schedule.name);
  try {
    return await ofJob(() => scheduler.create(schedule, { by }));
  } catch (error) {
    // Nothing else can be wrong with a name that a schedule can have.
    if (!isInputError(error) || error.issues[0]?.path !== "name") throw error;
    const detail = `Cannot create schedule "${name}": there is one of this name`;
    throw new HttpProblem(409, "schedule_exists", detail, { errors: error.issues });
  }
}

/** `job` with its masks replaced by what `stored` has there. @throws {InputRangeError} Nothing is stored there. */
function whole<T extends { data?: unknown }>(job: T, stored: Schedule | null, redactor: Redactor): T {
  if (!("data" in job)) return job;
  try {
    return { ...job, data: redactor.restore(job.data, stored?.job?.data) };
  } catch (error) {
    throw isInputError(error) ? underPath(error, "job") : error;
  }
}

/** Does what may refuse the job of a schedule as if it were added by itself: here that is the field `job`. */
async function ofJob<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (!isInputError(error) || !/^(type|data|options)\b/.test(error.issues[0]?.path ?? "")) throw error;
    throw underPath(error, "job");
  }
}
