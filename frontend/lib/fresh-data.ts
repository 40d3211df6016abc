import { useEffect, useRef } from "preact/hooks";
import { ApiError } from "./api.ts";
import { type LiveEvent, pageLive } from "./live.ts";
import { useBase } from "./page-info.ts";
import { Reader } from "./reader.ts";
import { type ReadonlySignal, useSignal } from "./signal.ts";
import { toast } from "./toasts.ts";

/** How `useFreshData` stays fresh. */
export interface FreshOptions<T> {
  /** Reads all anew. */
  load: () => Promise<T>;
  /**
   * Events, or what they begin with ("job."), after which to read anew: at most once a second. Or a function that
   * says of each whether it is one.
   */
  on: readonly string[] | ((event: LiveEvent, data: unknown) => boolean);
  /** Milliseconds between the beginnings of two reads, at least. @default 1000 */
  spacing?: number;
}

/** Data that stays fresh, and how to change it. */
export interface FreshData<T> {
  readonly data: ReadonlySignal<T>;
  /**
   * Shows `change` at once, sends it, and reads anew. If the service refuses, shows what was before and says why.
   *
   * @param what Begins the sentence that says why: "Cannot pause mail".
   */
  act(what: string, change: (data: T) => T, send: () => Promise<unknown>): Promise<boolean>;
}

/**
 * Data that begins as the server rendered it and is read anew when something happened. What comes while the tab is
 * hidden or updates are paused is read afterwards.
 */
export function useFreshData<T>(initial: T, { load, on, spacing = 1000 }: FreshOptions<T>): FreshData<T> {
  const base = useBase();
  const data = useSignal(initial);
  const reader = useRef<Reader<T> | null>(null);
  const current = reader.current ??= new Reader({
    load,
    spacing,
    sleep: (ms) => new Promise((done) => setTimeout(done, ms)),
    onData: (fresh) => data.value = fresh,
    onFailure: (error) => {
      if (error instanceof ApiError && error.status === 401) pageLive(base).isSignedOut.value = true;
    },
  });

  // Several actions may be on their way: one that is refused takes back its own change alone.
  const acts = useRef({ open: 0, before: initial, changes: new Set<(data: T) => T>() }).current;

  useEffect(() => {
    const stop = pageLive(base).listen({
      onEvent: (event, data) => isAwaited(on, event, data) && current.want(),
      onReload: () => current.want(),
    });
    return () => {
      stop();
      current.stop();
    };
  }, []);

  async function act(what: string, change: (data: T) => T, send: () => Promise<unknown>): Promise<boolean> {
    if (acts.open++ === 0) Object.assign(acts, { before: data.value, changes: new Set() });
    acts.changes.add(change);
    data.value = change(data.value);
    try {
      await current.hold(send);
      pageLive(base).refresh(); // other islands show what depends on it
      return true;
    } catch (error) {
      acts.changes.delete(change);
      data.value = [...acts.changes].reduce((shown, make) => make(shown), acts.before);
      toast("bad", `${what}: ${reasonOf(error)}`);
      return false;
    } finally {
      acts.open--;
    }
  }

  return { data, act };
}

/** Whether data that waits for `on` may have changed. Of many jobs it may be any. */
export function isAwaited(on: FreshOptions<unknown>["on"], event: LiveEvent, data: unknown): boolean {
  const isMany = event === "job.many";
  if (typeof on === "function") return isMany || on(event, data);
  return on.some((start) => event.startsWith(start) || (isMany && start.startsWith("job.")));
}

/** What the service or the browser says of a failure, as the end of a sentence. */
export function reasonOf(error: unknown): string {
  if (error instanceof ApiError) return error.message;
  return "the service did not answer";
}
