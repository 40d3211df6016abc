/** @jsxImportSource preact */
import { apiAt } from "../../lib/api.ts";
import { type Flags, loadFlag } from "../../lib/flags.ts";
import { useFreshData } from "../../lib/fresh-data.ts";
import { useBase } from "../../lib/page-info.ts";

/** Says in the menu what is wrong on a page. */
export default function NavFlag({ page, initial }: { page: keyof Flags; initial: number }) {
  const base = useBase();
  const { data: count } = useFreshData(initial, {
    load: () => loadFlag(apiAt(base), page),
    on: ["worker."],
  });
  if (count.value === 0) return null;
  return <span class="flag" data-status="warn">{count.value} {page === "workers" ? "dead" : "paused"}</span>;
}
