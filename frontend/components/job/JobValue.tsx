/** @jsxImportSource preact */
import type { ComponentChildren } from "preact";
import { useMemo } from "preact/hooks";
import { formatBytes } from "../../lib/format.ts";
import type { WholeJob } from "../../lib/job.ts";
import { isFinal } from "../../lib/job-status.ts";
import { useBase } from "../../lib/page-info.ts";
import { Icon } from "../Icon.tsx";
import { Json } from "../Json.tsx";

/** What the data and the result of a job need. */
interface JobValuesProps {
  job: WholeJob;
  /** The job with all that is in it, once somebody has asked for it. */
  whole: WholeJob | null;
  /** Reads that. */
  onWhole?: () => Promise<void>;
}

/** The data and the result of a job. Buttons that copy them have `data-copy`, and no listeners of their own. */
export function JobValues(props: JobValuesProps) {
  const { status } = props.job;
  const none = status === "completed"
    ? null
    : isFinal(status)
    ? `None: a ${status} job has no result.`
    : "None yet.";
  return (
    <>
      <JobValue name="data" title="Data" none={null} {...props} />
      <JobValue name="result" title="Result" none={none} {...props} />
    </>
  );
}

/** What is long is cut until somebody wants to see it. */
function JobValue({ name, title, job, whole, onWhole, none }: JobValuesProps & {
  name: "data" | "result";
  title: string;
  /** What stands where there is no value. */
  none: ComponentChildren;
}) {
  const base = useBase();
  const cuts = useMemo(() => job.cuts?.filter(({ path }) => path[0] === name) ?? [], [job.cuts, name]);
  const isCut = cuts.length > 0 && whole === null;
  const value = cuts.length > 0 && whole !== null ? whole[name] : job[name];
  const size = useMemo(() => isCut ? null : bytesOf(value), [value, isCut]);
  return (
    <section class="panel" aria-labelledby={name}>
      <header>
        <h2 id={name}>{title}</h2>
        {none === null && (
          <>
            <span class="soft">{size === null ? "long: the first part is shown" : formatBytes(size)}</span>
            <button
              class="btn bare square end"
              type="button"
              aria-label={`Copy ${name}`}
              title={`Copy ${name}`}
              data-copy={name}
            >
              <Icon name="copy" />
            </button>
          </>
        )}
      </header>
      {none !== null ? <p class="body soft">{none}</p> : (
        <div class="body">
          <Json
            value={value}
            label={`${title} as JSON`}
            name={name}
            cuts={isCut ? cuts : undefined}
            isLazy={whole !== null}
            href={`${base}/api/admin/jobs/${encodeURIComponent(job.id)}`}
            onWhole={onWhole}
          />
        </div>
      )}
    </section>
  );
}

function bytesOf(value: unknown): number {
  return new TextEncoder().encode(JSON.stringify(value)).length;
}

/** What leads to more of a value. */
const MORE = ".json a.link";

/** Lets `show` put live values in the place of those in `area`, folded alike, and clicks there what `link` was. */
export async function takeOver(area: HTMLElement, link: Element, show: () => void): Promise<void> {
  const index = [...area.querySelectorAll(MORE)].indexOf(link);
  const isOpen = [...area.querySelectorAll("details")].map(({ open }) => open);
  show();
  await Promise.resolve(); // it is rendered by then
  for (const [i, fold] of area.querySelectorAll("details").entries()) fold.open = isOpen[i] ?? fold.open;
  area.querySelectorAll<HTMLElement>(MORE)[index]?.click();
}
