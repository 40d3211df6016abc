/** @jsxImportSource preact */
import { usePage } from "../lib/page-info.ts";
import { STATES } from "../lib/schedule-filter.ts";
import { addressOf, type ScheduleFilter } from "../lib/schedules.ts";
import { Icon } from "./Icon.tsx";

/** Which schedules to show, and the way to make one. */
export function ScheduleFilterForm({ filter }: { filter: ScheduleFilter }) {
  const { base, role } = usePage();
  return (
    <form class="row end" method="get" action={`${base}/admin/schedules`} role="search">
      <input
        class="short"
        type="search"
        name="q"
        value={filter.q}
        placeholder="Name, type, expression"
        aria-label="Text in name, type or expression"
      />
      <select class="short" name="state" aria-label="State">
        <option value="">Any state</option>
        {STATES.map((state) => (
          <option key={state} value={state} selected={state === filter.state}>{state}</option>
        ))}
      </select>
      <button class="btn" type="submit">
        <Icon name="search" />Filter
      </button>
      <a
        class={role === "admin" ? "btn main" : "btn"}
        href={addressOf(base, filter, { new: "1" })}
        aria-current="false"
      >
        {role === "admin"
          ? (
            <>
              <Icon name="plus" />New schedule…
            </>
          )
          : "Try an expression"}
      </a>
    </form>
  );
}
