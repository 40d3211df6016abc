/** @jsxImportSource preact */
import type { Flags } from "../../lib/flags.ts";
import { useFreshData } from "../../lib/fresh-data.ts";
import { useBase } from "../../lib/page-info.ts";

const WORDS: Record<keyof Flags, string> = { errors: "new", workers: "dead", queues: "paused" };

/** Milliseconds between two counts of new errors: each looks at up to five hundred jobs. */
const SPACING = 60_000;

/** Says in the menu what is wrong on a page. */
export default function NavFlag({ page, initial }: { page: keyof Flags; initial: number }) {
  const base = useBase();
  const isErrors = page === "errors";
  const { data: count } = useFreshData<number>(initial, {
    load: async () => await (await fetch(`${base}/admin/flags?page=${page}`)).json(),
    on: isErrors ? ["job."] : ["worker."],
    ...(isErrors && { spacing: SPACING }),
  });
  if (count.value === 0) return null;
  return (
    <span class="flag" data-status={isErrors ? "failed" : "warn"}>
      {count.value} {WORDS[page]}
    </span>
  );
}
