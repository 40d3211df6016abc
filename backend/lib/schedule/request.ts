import type { AddRequest } from "../adder.ts";
import type { JobDefinition } from "../define-job.ts";
import { jobIdOf, labelOf } from "./runs.ts";
import type { ScheduleRecord } from "./record.ts";

/** What the handler of a schedule gets as its job's data. */
export interface ScheduleTick {
  /** The schedule's name. */
  schedule: string;
  /** When it was due, ISO 8601; when it was asked for, if a person started it. */
  dueAt: string;
}

/** Which run of a schedule a job is for. */
export interface RunRequest {
  /** Epoch milliseconds. */
  at: number;
  /** For one that a person started: what sets its id apart. */
  tail?: string;
  /** Who started it. @default the schedule */
  by?: string;
}

/** The limits of a job's tags. */
const LONGEST_TAG = 64;
const MOST_TAGS = 20;

/**
 * What to add for a run of schedule `name`.
 *
 * @param definition The job's definition, if code gave one: its schema and defaults count although nothing is
 * registered for its type here.
 */
export function requestOf(
  name: string,
  { definition: { job } }: ScheduleRecord,
  run: RunRequest,
  definition?: JobDefinition,
): AddRequest {
  const { type = labelOf(name), data = dataOf(name, run), options = {} } = job ?? {};
  const { tags = [], createdBy = labelOf(name) } = options;
  const label = labelOf(name);
  const isTagged = label.length <= LONGEST_TAG && tags.length < MOST_TAGS;
  return {
    type: definition?.type === type ? definition : type,
    data,
    options: {
      ...options,
      jobId: jobIdOf(name, run.at, run.tail),
      tags: isTagged ? [...tags, label] : tags,
      createdBy: run.by ?? createdBy,
    },
  };
}

function dataOf(name: string, { at }: RunRequest): ScheduleTick {
  return { schedule: name, dueAt: new Date(at).toISOString() };
}
