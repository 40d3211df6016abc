import { scheduleLabelsOf } from "./measures-schedules.ts";
import { labelsOf } from "./measures.ts";
import { formatRatio, type Results } from "./results.ts";
import { formatNumber, formatTable } from "./table.ts";
import type { Effort } from "./tasks.ts";

/** A number that was set beforehand. */
interface Goal {
  label: string;
  unit: "×" | "/s" | "MB" | "ms" | "%";
  /** What must be. Null: there is only an aim. */
  floor: number | null;
  /** What is wanted. Null: there is only a floor. */
  aim: number | null;
  found(results: Results): number;
}

/** How much better than another contender. */
function versus(label: string, other: string, floor: number | null, aim: number | null): Goal {
  return {
    label: `${label}, to ${other}`,
    unit: "×",
    floor,
    aim,
    found: (results) => results.ratio(label, other),
  };
}

/** A number by itself. */
function alone(label: string, unit: Goal["unit"], floor: number | null, aim: number | null): Goal {
  return { label, unit, floor, aim, found: (results) => results.own(label) };
}

function goalsOf(effort: Effort): Goal[] {
  const labels = labelsOf(effort);
  const schedules = scheduleLabelsOf(effort);
  return [
    versus("add, 64 callers", "BullMQ", 1.3, 2),
    alone("add, 64 callers", "/s", null, 60_000),
    versus("add in bulk", "graphile-worker", 0.8, 1.2),
    versus("run no-op jobs, concurrency 100", "BullMQ", 2, null),
    versus("run no-op jobs, concurrency 100", "graphile-worker", 0.8, 1.5),
    alone("run no-op jobs, concurrency 100", "/s", null, 60_000),
    versus("run no-op jobs, concurrency 1", "BullMQ", 3, 5),
    versus("idle: add to handler start, p50", "BullMQ", 1, 1 / 0.7),
    alone(labels.claimed, "×", 0.8, 0.95),
    alone(labels.memory, "MB", 250, 150),
    alone(labels.page, "ms", 20, 5),
    alone(labels.stats, "ms", 20, 5),
    alone(labels.shared, "×", 0.6, 1),
    alone(schedules.late, "ms", 50, null),
    alone(schedules.cpu, "%", 1, null),
  ];
}

/** The table of the goals for which there is a number, each with its verdict; empty if there are none. */
export function formatGoals(results: Results, effort: Effort): string {
  const rows = goalsOf(effort).map((goal) => ({ goal, value: goal.found(results) }))
    .filter(({ value }) => Number.isFinite(value))
    .map(({ goal, value }) => [
      goal.label,
      goal.unit,
      format(goal, value),
      goal.floor === null ? "" : format(goal, goal.floor),
      goal.aim === null ? "" : format(goal, goal.aim),
      verdictOf(goal, value),
    ]);
  return rows.length === 0 ? "" : formatTable(["goal", "unit", "found", "floor", "aim", ""], rows);
}

function verdictOf({ unit, floor, aim }: Goal, value: number): string {
  const reaches = (limit: number) => unit === "×" || unit === "/s" ? value >= limit : value <= limit;
  if (aim !== null && reaches(aim)) return "aim reached";
  if (floor === null) return "below the aim";
  return reaches(floor) ? "floor holds" : "missed";
}

function format({ unit }: Goal, value: number): string {
  return unit === "×" ? formatRatio(value) : formatNumber(value);
}
