import { type Api, ApiError } from "./api.ts";
import { type Draft, draftOf, questionOfDraft } from "./schedule-draft.ts";
import { explain, getSchedule } from "./schedule.ts";
import type { Explanation, Schedule } from "./schedules.ts";

/** What the panel for editing begins with. */
export interface EditorData {
  /** null: a new one. */
  schedule: Schedule | null;
  /** What the address says of the draft: without scripts expressions are tried so. */
  given: Partial<Draft>;
  explained: Explanation;
}

/**
 * What the panel shows that an address asks for: of the schedule `name`, or of a new one. null: there is no such
 * schedule.
 */
export async function loadEditor(
  api: Api,
  name: string | null,
  params: URLSearchParams,
): Promise<EditorData | null> {
  const schedule = name === null ? null : await getSchedule(api, name).catch(nullIfGone);
  if (name !== null && schedule === null) return null;
  const given = givenBy(params);
  const draft = { ...draftOf(schedule, "UTC"), ...given };
  return { schedule, given, explained: await explain(api, questionOfDraft(draft, schedule)) };
}

function givenBy(params: URLSearchParams): Partial<Draft> {
  const [expression, timezone, dst] = ["expression", "timezone", "dst"].map((name) => params.get(name));
  return {
    ...(expression != null && { expression }),
    ...(timezone != null && { timezone }),
    ...((dst === "vixie" || dst === "skip" || dst === "both") && { dst }),
  };
}

function nullIfGone(error: unknown): null {
  if (error instanceof ApiError && error.status === 404) return null;
  throw error;
}
