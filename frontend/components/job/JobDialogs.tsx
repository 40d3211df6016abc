/** @jsxImportSource preact */
import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { apiAt, ApiError } from "../../lib/api.ts";
import { reasonOf } from "../../lib/fresh-data.ts";
import { formatBytes, formatUtc } from "../../lib/format.ts";
import type { WholeJob } from "../../lib/job.ts";
import { usePage } from "../../lib/page-info.ts";
import { visible } from "../../lib/preview.ts";
import { Dialog } from "../Dialog.tsx";

/** What is wrong with what was entered. */
type Faults = readonly { path: string; message: string }[];

/** A question to which one field is the answer. Stays open, with what is wrong, when the service refuses. */
function AskDialog(
  { title, text, verb, isDanger = false, isBroad = false, isReady = true, onSend, onClose, children }: {
    title: string;
    text: ComponentChildren;
    /** On the button: what it does. */
    verb: string;
    isDanger?: boolean;
    isBroad?: boolean;
    isReady?: boolean;
    /** Throws what is wrong. */
    onSend: () => Promise<void>;
    onClose: () => void;
    children?: ComponentChildren;
  },
) {
  const [faults, setFaults] = useState<Faults>([]);
  const [isSending, setSending] = useState(false);

  async function send() {
    setSending(true);
    try {
      await onSend();
      onClose();
    } catch (error) {
      setFaults(faultsOf(error));
    } finally {
      setSending(false);
    }
  }

  return (
    <Dialog
      title={title}
      isBroad={isBroad}
      onClose={onClose}
      actions={
        <>
          <button
            class={isDanger ? "btn main danger" : "btn main"}
            type="button"
            disabled={isSending || !isReady}
            onClick={() => void send()}
          >
            {verb}
          </button>
          <button class="btn" type="button" onClick={onClose}>Leave it</button>
        </>
      }
    >
      <p class="soft">{text}</p>
      {children}
      {faults.length > 0 && (
        <ul class="bad" role="alert" id="faults">
          {faults.map(({ path, message }) => (
            <li key={path}>{path !== "" && <strong class="mono">{path}</strong>} {message}</li>
          ))}
        </ul>
      )}
    </Dialog>
  );
}

function faultsOf(error: unknown): Faults {
  if (error instanceof SyntaxError) return [{ path: "", message: `This is no JSON: ${error.message}` }];
  if (error instanceof RangeError) return [{ path: "", message: error.message }];
  if (error instanceof ApiError && (error.problem.errors ?? []).length > 0) return error.problem.errors ?? [];
  return [{ path: "", message: reasonOf(error) }];
}

interface JobDialogProps {
  type: string;
  onClose: () => void;
}

/** What can be asked before something is done with a job. */
export type Asked = "cancel" | "remove" | "edit" | "priority" | "reschedule";

/** What is done when somebody has answered. All but `onCancel` throw what the service refuses. */
export interface JobAnswers {
  onCancel: () => void;
  onRemove: () => Promise<void>;
  onUpdate: (changes: { priority?: number; scheduledAt?: string }) => Promise<void>;
  /** Reads the data, all of it. */
  load: () => Promise<unknown>;
}

/** The question for `asked`. */
export function JobDialog({ asked, job, answers, onClose }: {
  asked: Asked;
  job: WholeJob;
  answers: JobAnswers;
  onClose: () => void;
}) {
  const { base, zone } = usePage();
  const dialog = { type: visible(job.type), onClose };
  switch (asked) {
    case "cancel":
      return <CancelDialog {...dialog} isRunning={job.status === "running"} onCancel={answers.onCancel} />;
    case "remove":
      return <RemoveDialog {...dialog} onRemove={answers.onRemove} />;
    case "edit":
      return <EditDialog {...dialog} load={answers.load} onRetry={(data) => retryWith(base, job.id, data)} />;
    case "priority": {
      const onPriority = (priority: number) => answers.onUpdate({ priority });
      return <PriorityDialog {...dialog} priority={job.priority} onPriority={onPriority} />;
    }
    case "reschedule": {
      const onReschedule = (scheduledAt: string) => answers.onUpdate({ scheduledAt });
      const at = Math.max(Date.now(), Date.parse(job.scheduledAt));
      return <RescheduleDialog {...dialog} at={at} zone={zone} onReschedule={onReschedule} />;
    }
  }
}

/** Adds the job anew with other data, and goes there. */
async function retryWith(base: string, id: string, data: unknown): Promise<void> {
  const answer = await apiAt(base).jobs[":id"].retry.$post({ param: { id }, json: { data } });
  location.assign(`${base}/admin/jobs/${encodeURIComponent((await answer.json()).id)}${location.search}`);
}

function CancelDialog({ type, isRunning, onCancel, onClose }: JobDialogProps & {
  isRunning: boolean;
  onCancel: () => void;
}) {
  return (
    <AskDialog
      title={`Cancel this ${type}?`}
      text={isRunning
        ? "Its handler is asked to stop. What it has done by then stays done."
        : "It will not run. It can be retried later."}
      verb="Cancel 1 job"
      isDanger
      onClose={onClose}
      onSend={() => Promise.resolve(onCancel())}
    />
  );
}

function RemoveDialog(
  { type, onRemove, onClose }: JobDialogProps & { onRemove: () => Promise<void> },
) {
  return (
    <AskDialog
      title={`Remove this ${type}?`}
      text="The job, its result and its log are deleted for good."
      verb="Remove 1 job"
      isDanger
      onClose={onClose}
      onSend={onRemove}
    />
  );
}

function PriorityDialog({ type, priority, onPriority, onClose }: JobDialogProps & {
  priority: number;
  onPriority: (priority: number) => Promise<void>;
}) {
  const [text, setText] = useState(String(priority));
  return (
    <AskDialog
      title={`Priority of this ${type}`}
      text="From −1,000 to 1,000. Jobs with a higher one are claimed first."
      verb="Set priority"
      isReady={text.trim() !== ""}
      onClose={onClose}
      onSend={() => onPriority(Number(text))}
    >
      <div>
        <label for="priority">Priority</label>
        <input
          id="priority"
          type="number"
          min={-1000}
          max={1000}
          value={text}
          aria-describedby="faults"
          onInput={(event) => setText(event.currentTarget.value)}
        />
      </div>
    </AskDialog>
  );
}

function RescheduleDialog({ type, at, zone, onReschedule, onClose }: JobDialogProps & {
  /** When it is due, epoch milliseconds. */
  at: number;
  zone: string;
  onReschedule: (at: string) => Promise<void>;
}) {
  const [text, setText] = useState(localOf(at));
  const time = new Date(text);
  const isTime = !Number.isNaN(time.getTime());
  return (
    <AskDialog
      title={`Reschedule this ${type}`}
      text={`In your time, ${zone}. A time that has passed lets it run at once.`}
      verb="Reschedule"
      isReady={isTime}
      onClose={onClose}
      onSend={() => onReschedule(time.toISOString())}
    >
      <div>
        <label for="due">Due</label>
        <input
          id="due"
          type="datetime-local"
          step={1}
          value={text}
          aria-describedby="faults"
          onInput={(event) => setText(event.currentTarget.value)}
        />
        <p class="soft">{isTime ? formatUtc(time.getTime()) : "No time yet"}</p>
      </div>
    </AskDialog>
  );
}

/** `at` as fields for times want it, in the browser's zone. */
function localOf(at: number): string {
  const shifted = new Date(at - new Date(at).getTimezoneOffset() * 60_000);
  return shifted.toISOString().slice(0, 19);
}

/** The longest JSON that can be edited here, in characters: fields with more make browsers slow. */
const MOST_EDITED = 1_000_000;

function EditDialog({ type, load, onRetry, onClose }: JobDialogProps & {
  /** Reads the data, all of it. */
  load: () => Promise<unknown>;
  /** Adds the job anew with other data. */
  onRetry: (data: unknown) => Promise<void>;
}) {
  const [text, setText] = useState<string | null>(null);
  const [obstacle, setObstacle] = useState<string | null>(null);
  useEffect(() => {
    load().then((data) => {
      const json = JSON.stringify(data, null, 2);
      if (json.length <= MOST_EDITED) setText(json);
      else {setObstacle(
          `The data is ${formatBytes(json.length)}: that is too long to edit here. Use the API.`,
        );}
    }, (error) => setObstacle(`Cannot read the data: ${reasonOf(error)}.`));
  }, []);
  return (
    <AskDialog
      title={`Retry this ${type} with other data`}
      text="Adds a new job that names this one. Fields that say [redacted] keep what is stored."
      verb="Retry as a new job"
      isBroad
      isReady={text !== null}
      onClose={onClose}
      onSend={() => onRetry(JSON.parse(text ?? "null"))}
    >
      {obstacle !== null ? <p class="bad" role="alert">{obstacle}</p> : (
        <div>
          <label for="edited">Data as JSON</label>
          <textarea
            id="edited"
            rows={14}
            spellcheck={false}
            dir="ltr"
            disabled={text === null}
            value={text ?? "Loading…"}
            aria-describedby="faults"
            onInput={(event) => setText(event.currentTarget.value)}
          />
        </div>
      )}
    </AskDialog>
  );
}
