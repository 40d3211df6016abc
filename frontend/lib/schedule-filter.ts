/** Which schedules an address asks for. For the server alone. */
import type { ScheduleFilter } from "./schedules.ts";

export const STATES = ["active", "disabled", "ended", "broken", "not in code"] as const;

/** Reads the filter off the address; what is unknown there counts as nothing. */
export function filterOf(params: URLSearchParams): ScheduleFilter {
  return {
    q: params.get("q") ?? "",
    state: STATES.find((state) => state === params.get("state")) ?? null,
    cursor: params.get("cursor"),
  };
}
