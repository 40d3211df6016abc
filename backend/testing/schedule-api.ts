import { assertEquals } from "@std/assert";
import type { ListedSchedule, ScheduleView } from "../routes/schedule-view.ts";
import type { Api } from "./api.ts";

/** Where schedules are. */
export const SCHEDULES = "/api/admin/schedules";

/** A page of the list. */
export interface SchedulePage {
  data: ListedSchedule[];
  nextCursor: string | null;
}

/** Makes a nightly schedule, or one with other `fields`. */
export function postSchedule(api: Api, fields: Record<string, unknown> = {}) {
  const body = { name: "nightly", expression: "0 3 * * *", job: { type: "report" }, ...fields };
  return api.call<ScheduleView>("POST", SCHEDULES, { body });
}

/** The page that `query` asks for. */
export async function listSchedules(api: Api, query = ""): Promise<SchedulePage> {
  const { status, body } = await api.call<SchedulePage>("GET", SCHEDULES + query);
  assertEquals(status, 200);
  return body;
}
