import { useEffect, useRef } from "preact/hooks";
import type { BulkProgress } from "../components/jobs/BulkBar.tsx";
import { apiAt, ApiError } from "./api.ts";
import { BULK, type BulkAction, resultText, startBulk } from "./bulk.ts";
import { reasonOf } from "./fresh-data.ts";
import type { JobEvent } from "./job-list.ts";
import { pageLive } from "./live.ts";
import { type ReadonlySignal, useSignal } from "./signal.ts";
import { toast } from "./toasts.ts";

/** Milliseconds until a service that did not answer is asked again. */
const PAUSE = 5000;

/** Milliseconds between two looks at how far it is. */
const SPACING = 1000;

/** One bulk job at a time: begun, followed, and told of when it has ended. */
export interface BulkRunner {
  progress: ReadonlySignal<BulkProgress | null>;
  start(request: Parameters<typeof startBulk>[1]): Promise<void>;
  /** Looks away. */
  hide(): void;
}

/** @param onEnd Called when a bulk job has ended, with what it did. */
export function useBulk(base: string, onEnd: (action: BulkAction) => void): BulkRunner {
  const { jobs } = apiAt(base);
  const progress = useSignal<BulkProgress | null>(null);
  const isLooking = useRef(false);

  useEffect(() =>
    pageLive(base).listen({
      onEvent(event, detail) {
        const current = progress.value;
        if (current === null || !event.startsWith("job.")) return;
        const { id, progress: now } = detail as JobEvent;
        if (event === "job.many") void look(current.id);
        else if (id === current.id) progress.value = { ...current, percent: Math.round(now?.percent ?? 0) };
      },
    }), []);

  /** Asks how far a bulk job is, at most once a second: where many jobs change, nobody is told of this one. */
  async function look(id: string): Promise<void> {
    if (isLooking.current) return;
    isLooking.current = true;
    setTimeout(() => isLooking.current = false, SPACING);
    const job = await jobs[":id"].$get({ param: { id }, query: { brief: "true" } })
      .then((answer) => answer.json(), () => null); // what waits for its end says what is wrong
    if (job === null || job.progress === null || progress.value?.id !== id) return;
    progress.value = { ...progress.value, percent: Math.round(job.progress.percent) };
  }

  async function start(request: Parameters<typeof startBulk>[1]): Promise<void> {
    const { action } = request;
    try {
      const id = await startBulk(apiAt(base), request);
      progress.value = { id, action, percent: null };
      await follow(id, action);
    } catch (error) {
      progress.value = null;
      toast("bad", `Cannot ${BULK[action].verb.toLowerCase()} the jobs: ${reasonOf(error)}`);
    }
  }

  /** Waits for the end of a bulk job, however long that takes: it goes on while nobody can be asked. */
  async function follow(id: string, action: BulkAction): Promise<void> {
    for (;;) {
      const job = await jobs[":id"].$get({ param: { id }, query: { wait: "30s" } })
        .then((answer) => answer.json(), (error: unknown) => {
          if (error instanceof ApiError && error.status < 500) throw error;
          return null;
        });
      if (job === null) {
        await new Promise((resolve) => setTimeout(resolve, PAUSE));
        continue;
      }
      if (job.finishedAt === null) {
        if (progress.value?.id === id && job.progress !== null) {
          progress.value = { id, action, percent: Math.round(job.progress.percent) };
        }
        continue;
      }
      if (progress.value?.id === id) progress.value = null;
      const link = { href: `${base}/admin/jobs/${encodeURIComponent(id)}`, text: "Open" };
      if (job.status === "completed") toast("good", resultText(action, job), link);
      else {toast(
          "bad",
          `${BULK[action].doing} jobs was ${job.status}: ${job.errors.at(-1)?.message ?? ""}`,
          link,
        );}
      onEnd(action);
      pageLive(base).refresh();
      return;
    }
  }

  return { progress, start, hide: () => progress.value = null };
}
