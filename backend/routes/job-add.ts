import type { z } from "@hono/zod-openapi";
import { describe } from "../lib/check.ts";
import { NotFoundError, UniqueConflictError } from "../lib/errors.ts";
import { typeMatches } from "../lib/filter.ts";
import type { Job } from "../lib/job.ts";
import type { AddOptions } from "../lib/options.ts";
import type { Queue } from "../lib/queue.ts";
import { DELIVERY_TYPE } from "../lib/webhook/endpoint.ts";
import { mayRead, PRODUCER } from "./job-find.ts";
import type { newJob } from "./job-input.ts";
import type { Role } from "./middleware/auth.ts";
import { HttpProblem, refusal } from "./middleware/problem.ts";

type NewJob = z.infer<typeof newJob>;

/** How jobs are to be added. */
export interface AddContext {
  role: Role;
  /** Refuse types that no handler of this process runs. */
  strict: boolean;
  /** The header's value; undefined without one. */
  idempotencyKey: string | undefined;
}

/**
 * Adds one job. @returns It, and whether it is new: a job may have had its id or unique key before.
 *
 * @throws {HttpProblem} The job that has the id or key is hidden from the caller.
 */
export async function addOne(
  queue: Queue,
  input: NewJob,
  context: AddContext,
): Promise<{ job: Job; added: boolean }> {
  const options = optionsOf(input, context, "");
  if (context.strict) refuseUnknownTypes(queue, [input], () => "type");
  if (context.idempotencyKey !== undefined) {
    if (options.jobId !== undefined) {
      throw refusal([{ path: "options.jobId", message: "cannot be given together with Idempotency-Key" }]);
    }
    options.jobId = await idempotentId(context.idempotencyKey);
  }
  const { id, job: fresh } = await queue.addAndSee(input.type, input.data, options);
  const job = fresh ?? await queue.get(id);
  if (job === null) throw new NotFoundError("job", id); // somebody has removed it since
  if (!mayRead(job, context.role)) {
    throw new HttpProblem(409, "id_taken", "Another job has this id or unique key; nothing was stored");
  }
  return { job, added: fresh !== null };
}

/**
 * Adds many jobs, none if one is refused. @returns Their ids in order.
 *
 * @throws {HttpProblem} The unique key of one is held and it may not share it; the others were stored.
 */
export async function addMany(
  queue: Queue,
  inputs: readonly NewJob[],
  context: AddContext,
): Promise<string[]> {
  if (context.idempotencyKey !== undefined) {
    const message = "is for a request that adds one job; give each of many its own options.jobId";
    throw refusal([{ path: "Idempotency-Key", message }]);
  }
  const jobs = inputs.map((input, i) => {
    return { type: input.type, data: input.data, options: optionsOf(input, context, `[${i}].`) };
  });
  if (context.strict) refuseUnknownTypes(queue, inputs, (i) => `[${i}].type`);
  try {
    return await queue.addMany(jobs);
  } catch (error) {
    if (!(error instanceof UniqueConflictError)) throw error;
    const path = `[${error.index}].options.unique.key`;
    throw new HttpProblem(409, error.code, `${error.message}; the others were stored`, {
      errors: [{ path, message: "is held by another job" }],
    });
  }
}

/**
 * The options as the queue takes them, with who adds the job: no producer can pass for another.
 *
 * @throws {HttpProblem} A producer asks for more than to add a job of its own.
 */
function optionsOf({ type, options = {} }: NewJob, { role }: AddContext, prefix: string): AddOptions {
  if (role !== "producer") return { ...options, createdBy: options.createdBy ?? role };
  refuseForeign(type, options.jobId, prefix);
  if (options.createdBy !== undefined) {
    throw refusal([{ path: `${prefix}options.createdBy`, message: "is set by the server for this token" }]);
  }
  // The holder of the key may be a job that this caller must not even see.
  if (options.unique?.onConflict === "replace") {
    throw new HttpProblem(403, "forbidden", "A producer may not replace jobs (options.unique.onConflict)");
  }
  return { ...options, createdBy: PRODUCER };
}

/** Types that change or delete what is stored, run the handlers of schedules, or speak in the service's name. */
const FAMILIES_OF_ADMINS = ["cleanup", "bulk", "schedule", DELIVERY_TYPE];

/** Refuses a producer the jobs that only an admin, or a schedule, may add. */
function refuseForeign(type: string, jobId: string | undefined, prefix: string): void {
  if (FAMILIES_OF_ADMINS.some((family) => typeMatches(type, family))) {
    throw new HttpProblem(403, "type_forbidden", `A producer may not add jobs of type ${describe(type)}`, {
      errors: [{ path: `${prefix}type`, message: "is one that only admins may add" }],
    });
  }
  // A tick whose id is taken adds nothing: nobody may keep a schedule from running.
  if (jobId?.startsWith("schedule:")) {
    throw new HttpProblem(403, "forbidden", "A producer may not take the id of a schedule's job", {
      errors: [{ path: `${prefix}options.jobId`, message: "is one that only schedules give" }],
    });
  }
}

function refuseUnknownTypes(queue: Queue, inputs: readonly NewJob[], pathOf: (i: number) => string): void {
  const unknown = inputs.flatMap(({ type }, i) => queue.knows(type) ? [] : [{ type, path: pathOf(i) }]);
  if (unknown.length === 0) return;
  throw refusal(unknown.map(({ type, path }) => {
    return { path, message: `must be a type this process handles, found ${describe(type)}` };
  }));
}

/** The id of the job that a request with this key adds, however often it is sent. */
async function idempotentId(key: string): Promise<string> {
  if (!/^[\x20-\x7e]{1,255}$/.test(key)) {
    throw refusal([{ path: "Idempotency-Key", message: "must be 1 to 255 printable ASCII characters" }]);
  }
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(key));
  return `idem:${Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}
