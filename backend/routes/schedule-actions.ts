import { OpenAPIHono, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { isInputError } from "../lib/errors.ts";
import type { Redactor } from "../lib/redact.ts";
import type { Schedule } from "../lib/schedule/view.ts";
import type { Scheduler } from "../lib/scheduler.ts";
import { note, noteChange } from "./middleware/audit.ts";
import type { ApiEnv } from "./middleware/auth.ts";
import { refuseMisfits } from "./middleware/issues.ts";
import { HttpProblem } from "./middleware/problem.ts";
import { findSchedule, possibleName } from "./schedule-find.ts";
import * as input from "./schedule-input.ts";
import * as schemas from "./schedule-schemas.ts";
import { viewDefinition, viewSchedule } from "./schedule-view.ts";
import { answer, body, iso, isoTime, nameParam, nothing, route } from "./schemas.ts";

/** How many ticks are told to who does not say how many. */
const UPCOMING = 10;

const request = { params: nameParam, query: nothing, body: body(nothing, false) };

/** Why what is done to a schedule may fail. */
const REFUSED = "It is broken, or its job is refused";

const triggerSchedule = route([], {
  method: "post",
  path: "/{name}/trigger",
  summary: "Adds the job of a schedule now",
  request,
  responses: {
    201: answer("The id of the job added; its ticks come as before", z.object({ jobId: z.string() })),
  },
}, { 409: REFUSED });

const enableSchedule = route([], {
  method: "post",
  path: "/{name}/enable",
  summary: "Lets a schedule fire from the next tick on",
  request,
  responses: { 200: answer("It fires from the next tick on", schemas.scheduleSchema) },
}, { 409: REFUSED });

const disableSchedule = route([], {
  method: "post",
  path: "/{name}/disable",
  summary: "Keeps a schedule from firing",
  request,
  responses: { 200: answer("It fires no more; runs go on", schemas.scheduleSchema) },
}, { 409: REFUSED });

const revertSchedule = route([], {
  method: "post",
  path: "/{name}/revert",
  summary: "Undoes what people changed of what code says",
  request,
  responses: { 200: answer("It is as code says", schemas.scheduleSchema) },
}, { 409: "It is broken, or no code ever declared it" });

const readUpcoming = route(["viewer"], {
  method: "get",
  path: "/{name}/upcoming",
  summary: "Tells the next ticks of a schedule",
  request: { params: nameParam, query: input.upcomingQuery },
  responses: {
    200: answer(
      "The next ticks; of a disabled one those it would have",
      z.object({ data: z.array(isoTime) }),
    ),
  },
}, { 409: REFUSED });

/** Routes under `/api/admin/schedules` that do something with a schedule, or look ahead. */
export function scheduleActionRoutes({ scheduler, redactor }: { scheduler: Scheduler; redactor: Redactor }) {
  /** Does what asks nothing of the caller but a name: if it is refused, that is for what is stored. */
  async function act<T>(verb: string, name: string, action: (name: string) => Promise<T>): Promise<T> {
    try {
      return await action(possibleName(name));
    } catch (error) {
      if (!isInputError(error)) throw error;
      const { broken } = await findSchedule(scheduler, name);
      const reason = broken === null ? `its job is refused: ${error.message}` : `it is broken: ${broken}`;
      throw cannot(verb, name, redactor.text(reason));
    }
  }

  /** Does what changes the schedule that the request names. */
  function change(
    c: Context<ApiEnv>,
    verb: "enable" | "disable" | "revert",
    name: string,
  ): Promise<Schedule> {
    const what = { action: `schedule.${verb}`, subject: name };
    const onChanged = noteChange<Schedule>(c, what, (schedule) => viewDefinition(schedule, redactor));
    return act(verb, name, (known) => scheduler[verb](known, { by: c.var.role, onChanged }));
  }

  return new OpenAPIHono<ApiEnv>({ defaultHook: refuseMisfits })
    .openapi(triggerSchedule, async (c) => {
      const { name } = c.req.valid("param");
      const jobId = await act("trigger", name, (known) => scheduler.trigger(known, { by: c.var.role }));
      note(c, { action: "schedule.trigger", subject: name, after: { jobId } });
      const base = new URL(c.req.url).pathname.replace(/\/schedules\/[^/]+\/trigger$/, "");
      return c.json({ jobId }, 201, { Location: `${base}/jobs/${encodeURIComponent(jobId)}` });
    })
    .openapi(enableSchedule, async (c) => {
      const schedule = await change(c, "enable", c.req.valid("param").name);
      return c.json(viewSchedule(schedule, redactor), 200);
    })
    .openapi(disableSchedule, async (c) => {
      const schedule = await change(c, "disable", c.req.valid("param").name);
      return c.json(viewSchedule(schedule, redactor), 200);
    })
    .openapi(revertSchedule, async (c) => {
      const { name } = c.req.valid("param");
      const schedule = await change(c, "revert", name);
      if (schedule.code === null) throw cannot("revert", name, "no code ever declared it");
      return c.json(viewSchedule(schedule, redactor), 200);
    })
    .openapi(readUpcoming, async (c) => {
      const { name } = c.req.valid("param");
      const { count = UPCOMING } = c.req.valid("query");
      const ticks = await act("look ahead in", name, (known) => scheduler.upcoming(known, count));
      return c.json({ data: ticks.map((tick) => iso(tick)) }, 200);
    });
}

function cannot(verb: string, name: string, reason: string): HttpProblem {
  return new HttpProblem(409, "invalid_status", `Cannot ${verb} schedule "${name}": ${reason}`);
}
