/** @jsxImportSource preact */
import { useEffect, useRef } from "preact/hooks";
import { CronForm } from "../../components/CronForm.tsx";
import { Icon } from "../../components/Icon.tsx";
import { apiAt } from "../../lib/api.ts";
import { reasonOf } from "../../lib/fresh-data.ts";
import { pageLive } from "../../lib/live.ts";
import { useNow } from "../../lib/now.ts";
import { usePage } from "../../lib/page-info.ts";
import {
  changes,
  type Draft,
  DraftError,
  draftOf,
  newSchedule,
  questionOfDraft,
} from "../../lib/schedule-draft.ts";
import { whatCodeSays } from "../../lib/schedule-code.ts";
import { explain, faultsOf } from "../../lib/schedule.ts";
import { addressOfOne, type Explanation, type Fault, type Schedule } from "../../lib/schedules.ts";
import { useSignal } from "../../lib/signal.ts";
import { toast } from "../../lib/toasts.ts";

/** What a new expression is waited for before it is asked about, in milliseconds. */
const PAUSE = 250;

/** The panel in which a schedule is made or changed, or an expression tried by who may not. */
export default function ScheduleEditor({ initial, given, explained, now: renderedAt, close }: {
  /** null: a new one. */
  initial: Schedule | null;
  /** What the address says of the draft. */
  given: Partial<Draft>;
  explained: Explanation;
  now: number;
  /** Where the page is without this panel. */
  close: string;
}) {
  const { base, role, zone } = usePage();
  const api = apiAt(base);
  const now = useNow(renderedAt);
  const schedule = useSignal(initial);
  const start = draftOf(schedule.value, zone);
  const draft = useSignal<Draft>({ ...start, ...given });
  const answer = useSignal(explained);
  const faults = useSignal<readonly Fault[]>([]);
  const isAsking = useSignal(false);
  const isSending = useSignal(false);
  const isReady = useSignal(false);
  const isFirst = useRef(true);
  const { name, expression, timezone, dst } = draft.value;
  const isChanged = (Object.keys(start) as (keyof Draft)[]).some((key) => start[key] !== draft.value[key]);
  const isAdmin = role === "admin";

  useEffect(() => void (isReady.value = true), []);
  useEffect(() => {
    if (isFirst.current) return void (isFirst.current = false);
    const over = new AbortController();
    isAsking.value = true;
    const timer = setTimeout(async () => {
      try {
        const found = await explain(api, questionOfDraft(draft.value, schedule.value), over.signal);
        if (!over.signal.aborted) answer.value = found;
      } catch (error) {
        if (!over.signal.aborted) {
          answer.value = { fault: { path: "", message: `No preview: ${reasonOf(error)}` } };
        }
      }
      if (!over.signal.aborted) isAsking.value = false;
    }, PAUSE);
    return () => {
      clearTimeout(timer);
      over.abort();
    };
  }, [name, expression, timezone, dst]);

  /** Sends what `act` sends, and shows what is wrong where it is. */
  async function send(what: string, act: () => Promise<Schedule>): Promise<Schedule | null> {
    isSending.value = true;
    faults.value = [];
    try {
      const stored = await act();
      pageLive(base).refresh();
      return stored;
    } catch (error) {
      const found = error instanceof DraftError ? [error.fault] : faultsOf(error);
      faults.value = found;
      if (found.length === 0) toast("bad", `${what}: ${reasonOf(error)}`);
      return null;
    } finally {
      isSending.value = false;
    }
  }

  async function save() {
    const { value: known } = schedule;
    const param = { name };
    const stored = await send(`Cannot save ${name}`, async () => {
      if (known === null) return await (await api.schedules.$post({ json: newSchedule(draft.value) })).json();
      const json = changes(draft.value, start);
      return await (await api.schedules[":name"].$patch({ param, json })).json();
    });
    if (stored === null) return;
    if (known === null) return location.assign(addressOfOne(base, name));
    show(stored);
    toast("good", `Saved ${name}: ${stored.description || stored.expression}`);
  }

  async function revert() {
    const route = api.schedules[":name"].revert;
    const stored = await send(`Cannot go back to code`, async () => {
      return await (await route.$post({ param: { name } })).json();
    });
    if (stored === null) return;
    show(stored);
    toast("good", `${name} is as code says`);
  }

  function show(stored: Schedule) {
    schedule.value = stored;
    draft.value = draftOf(stored, zone);
  }

  const title = schedule.value === null
    ? (isAdmin ? "New schedule" : "Try an expression")
    : `${isAdmin ? "Edit" : "Try another time for"} ${schedule.value.name}`;
  return (
    <form
      class="panel first editor"
      id="edit"
      aria-labelledby="edit-title"
      method="get"
      action={close}
      onSubmit={(event) => {
        event.preventDefault();
        if (isAdmin && !isSending.value) void save();
      }}
    >
      <header>
        <h2 id="edit-title">{title}</h2>
        <a class="btn bare square end" href={close} aria-label="Close editor" aria-current="false">
          <Icon name="close" />
        </a>
      </header>
      <div class="body stack">
        <input
          type="hidden"
          name={schedule.value === null ? "new" : "edit"}
          value={schedule.value?.name ?? "1"}
        />
        <CronForm
          draft={draft.value}
          schedule={schedule.value}
          explained={answer.value}
          faults={faults.value}
          isAdmin={isAdmin}
          isBusy={isAsking.value}
          now={now.value}
          onChange={(changed) => draft.value = { ...draft.value, ...changed }}
        />
        {isAdmin && schedule.value?.code && schedule.value.edited && (
          <p class="soft">
            {whatCodeSays(schedule.value, zone, now.value)}{" "}
            <button class="link" type="button" disabled={isSending.value} onClick={() => void revert()}>
              Back to code
            </button>
          </p>
        )}
        <div class="row">
          {!isReady.value && <button class="btn" type="submit">Preview</button>}
          {isReady.value && isAdmin && (
            <button
              class="btn main"
              type="submit"
              disabled={isSending.value || (schedule.value !== null && !isChanged)}
            >
              {schedule.value === null ? "Make schedule" : "Save changes"}
            </button>
          )}
          <a class="btn" href={close} aria-current="false">{isChanged && isAdmin ? "Discard" : "Close"}</a>
        </div>
      </div>
    </form>
  );
}
