/** @jsxImportSource preact */
import { Component } from "preact";
import { formatCount, formatDuration } from "../../lib/format.ts";
import { durationOf, nowOf } from "../../lib/job-now.ts";
import type { Around, JobRow as Job } from "../../lib/jobs.ts";
import { visible } from "../../lib/preview.ts";
import { Icon } from "../Icon.tsx";
import { Status } from "../Status.tsx";
import { Age, roundAge } from "../Time.tsx";

/** What can be done to one job. */
export type JobAction = "cancel" | "retry" | "remove";

export interface JobRowProps {
  job: Job;
  href: string;
  now: number;
  zone: string;
  around: Around;
  /** See `NowOptions`. */
  place: number | null;
  /** It is not in the list any more. */
  isGone: boolean;
  /** null: nobody may select or change it. */
  isSelected: boolean | null;
  onSelect: (id: string, isSelected: boolean) => void;
  onAction: (job: Job, action: JobAction) => void;
}

/** One job of the table. It is drawn again when what it shows has changed, not whenever the table is. */
export class JobRow extends Component<JobRowProps> {
  override shouldComponentUpdate(next: JobRowProps): boolean {
    const names = ["job", "now", "around", "place", "isGone", "isSelected"] as const;
    return names.some((name) => next[name] !== this.props[name]);
  }

  override render({ job, href, now, isGone, isSelected, onSelect, ...rest }: JobRowProps) {
    const duration = durationOf(job, now);
    const type = visible(job.type);
    return (
      <tr data-id={job.id} class={isGone ? "gone" : undefined}>
        {isSelected !== null && (
          <td class="pick">
            <input
              type="checkbox"
              checked={isSelected}
              aria-label={`Select ${type}, job ${job.id}`}
              onChange={() => onSelect(job.id, !isSelected)}
            />
          </td>
        )}
        <td class="state">
          <Status status={job.status} />
        </td>
        <th scope="row" class="mono fit full">
          <a class="cut" href={href} title={job.id}>
            <bdi>{type}</bdi>
          </a>
        </th>
        <td class="grow cut mono soft full">
          <bdi>{job.preview}</bdi>
        </td>
        <td class="full fit told">
          <NowCell job={job} now={now} {...rest} />
        </td>
        <td class="fit roomy" data-label="Queue">
          <span class="cut">
            <bdi>{visible(job.queue)}</bdi>
          </span>
        </td>
        <td class="num roomy" data-label="Priority">{formatCount(job.priority).replace("-", "−")}</td>
        <td class="num" data-label="Attempts">{job.attempt} / {job.maxAttempts}</td>
        <td class="num age">
          <Age at={job.createdAt} now={roundAge(job.createdAt, now)} />
        </td>
        <td class="num" data-label="Duration">{duration === null ? null : formatDuration(duration)}</td>
        <td class="fit" data-label="Worker">
          {job.workerId && <span class="cut" title={job.workerId}>{job.workerId}</span>}
        </td>
        {isSelected !== null && (
          <td class="act">
            <Actions job={job} onAction={rest.onAction} />
          </td>
        )}
      </tr>
    );
  }
}

function NowCell({ job, ...options }: Pick<JobRowProps, "job" | "around" | "place" | "now" | "zone">) {
  const { text, tone, percent, whole } = nowOf(job, options);
  if (percent !== undefined) {
    return (
      <div class="now">
        <progress max={100} value={percent} aria-label="Progress" />
        {text}
      </div>
    );
  }
  return text === "" ? null : <span class={`cut ${tone ?? ""}`} title={whole}>{text}</span>;
}

/** What each action is called, and its picture. */
const ACTIONS = {
  cancel: ["Cancel", "close"],
  retry: ["Retry", "retrying"],
  remove: ["Remove", "trash"],
} as const;

function Actions({ job, onAction }: Pick<JobRowProps, "job" | "onAction">) {
  const actions: JobAction[] = job.finishedAt !== null
    ? ["retry", "remove"]
    : job.isStopping
    ? []
    : ["cancel"];
  return (
    <div class="row">
      {actions.map((action) => {
        const [word, icon] = ACTIONS[action];
        const name = action === "retry" && job.status !== "failed" ? "Run again" : word;
        return (
          <button
            key={action}
            class={action === "remove" ? "btn bare square roomy wide" : "btn bare square"}
            type="button"
            aria-label={`${name} ${visible(job.type)}, job ${job.id}`}
            title={name}
            onClick={() => onAction(job, action)}
          >
            <Icon name={icon} />
          </button>
        );
      })}
    </div>
  );
}
