/** @jsxImportSource preact */
import type { ComponentChildren } from "preact";
import { useMemo } from "preact/hooks";
import { formatBytes } from "../../lib/format.ts";
import type { WholeJob } from "../../lib/job.ts";
import { Icon } from "../Icon.tsx";
import { Json } from "../Json.tsx";

/** The data or the result of a job. What is long is cut until somebody wants to see it. */
export function JobValue({ name, title, job, whole, href, onWhole, onCopy, none }: {
  name: "data" | "result";
  title: string;
  job: WholeJob;
  /** The job with all that is in it, once somebody has asked for it. */
  whole: WholeJob | null;
  /** Where the whole job can be read. */
  href: string;
  onWhole: () => Promise<void>;
  onCopy: (name: "data" | "result") => void;
  /** What stands where there is no value. */
  none: ComponentChildren;
}) {
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
              onClick={() => onCopy(name)}
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
            href={href}
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
