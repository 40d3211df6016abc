import { assertEquals } from "@std/assert";
import type { ScheduleEvent } from "../../backend/lib/events.ts";
import type { JobChange } from "../../backend/lib/job-change.ts";
import type { WorkerEvent } from "../../backend/lib/live-news.ts";
import { Live, type LiveEvent, type LiveHost, type Source } from "./live.ts";

/** Does not compile when the server tells something that pages do not hear, or the other way round. */
type Told =
  | `job.${JobChange["event"]}`
  | `schedule.${ScheduleEvent["change"] | "changed"}`
  | WorkerEvent
  | "job.many"
  | "stats"
  | "reset";
const _heard = null as unknown as Told satisfies LiveEvent;
const _told = null as unknown as LiveEvent satisfies Told;

/** A stream that the test speaks for. */
class FakeSource implements Source {
  readyState = 0;
  onopen: ((event: Event) => void) | null = null;
  onerror: ((event: Event) => void) | null = null;
  readonly #listeners = new Map<string, (event: MessageEvent) => void>();

  constructor(readonly lastEventId: string) {}

  addEventListener(type: string, listener: (event: MessageEvent) => void): void {
    this.#listeners.set(type, listener);
  }

  close(): void {
    this.readyState = 2;
  }

  open(): void {
    this.readyState = 1;
    this.onopen?.(new Event("open"));
  }

  /** The connection breaks: the browser tries again by itself, unless the answer was a refusal. */
  fail(isRefused = false): void {
    this.readyState = isRefused ? 2 : 0;
    this.onerror?.(new Event("error"));
  }

  send(type: string, data: unknown, lastEventId = ""): void {
    this.#listeners.get(type)?.(new MessageEvent(type, { data: JSON.stringify(data), lastEventId }));
  }
}

/** A browser of which the test says whether its tab is seen and when time passes. */
function setup() {
  const sources: FakeSource[] = [];
  const timers = new Set<() => void>();
  let isVisible = true;
  let onVisibility = () => {};
  const host: LiveHost = {
    open: (lastEventId) => {
      const source = new FakeSource(lastEventId);
      sources.push(source);
      return source;
    },
    isVisible: () => isVisible,
    onVisibility: (listener) => onVisibility = listener,
    after: (_ms, listener) => {
      timers.add(listener);
      return () => timers.delete(listener);
    },
  };
  const live = new Live(host);
  const seen: unknown[] = [];
  const listen = () =>
    live.listen({ onEvent: (event, data) => seen.push([event, data]), onReload: () => seen.push("reload") });
  return {
    live,
    seen,
    sources,
    listen,
    show: (visible: boolean) => {
      isVisible = visible;
      onVisibility();
    },
    /** Lets 5 seconds pass. */
    tick: () => {
      const due = [...timers];
      timers.clear();
      for (const timer of due) timer();
    },
    timers,
  };
}

Deno.test("Live opens one stream for all listeners, and closes it with the last", () => {
  const { live, sources, listen, seen } = setup();
  assertEquals([sources.length, live.state.value], [0, "off"]);
  const stops = [listen(), listen()];
  assertEquals([sources.length, live.state.value], [1, "connecting"]);
  sources[0]?.open();
  sources[0]?.send("stats", { pending: 1 });

  assertEquals(live.state.value, "live");
  assertEquals(seen, ["reload", "reload", ["stats", { pending: 1 }], ["stats", { pending: 1 }]]);
  stops[0]?.();
  assertEquals(sources[0]?.readyState, 1);
  stops[1]?.();
  assertEquals([sources[0]?.readyState, live.state.value], [2, "off"]);
});

Deno.test("Live closes while the tab is hidden, and goes on where it stood", () => {
  const { live, sources, listen, seen, show } = setup();
  listen();
  sources[0]?.open();
  sources[0]?.send("job.added", {}, "c1");
  sources[0]?.send("message", {}, "c2");
  show(false);
  assertEquals([sources[0]?.readyState, live.state.value], [2, "off"]);

  show(true);
  assertEquals(sources.map(({ lastEventId }) => lastEventId), ["", "c2"]);
  sources[1]?.open();
  assertEquals([live.state.value, seen.at(-1)], ["live", "reload"]);
});

Deno.test("Live asks to read anew every 5 seconds while there is no connection, and once when there is", () => {
  const { live, sources, listen, seen, tick, timers } = setup();
  listen();
  sources[0]?.open();
  sources[0]?.fail();
  assertEquals([live.state.value, seen.splice(0)], ["retrying", ["reload"]]);
  tick();
  sources[0]?.fail(); // the browser has tried again
  tick();
  assertEquals([sources.length, seen], [1, ["reload", "reload"]]);

  sources[0]?.open();
  assertEquals([live.state.value, seen.length, timers.size], ["live", 3, 0]);
  tick();
  assertEquals(seen.length, 3);
});

Deno.test("Live opens another stream where it stood when it was refused, which browsers do not", () => {
  const { live, sources, listen, tick } = setup();
  listen();
  sources[0]?.open();
  sources[0]?.send("job.added", {}, "c1");
  sources[0]?.fail(true);
  assertEquals([sources.length, live.state.value], [1, "retrying"]);
  tick();

  assertEquals(sources.map(({ lastEventId }) => lastEventId), ["", "c1"]);
  sources[1]?.fail(true);
  tick();
  assertEquals(sources.length, 3);
  sources[2]?.open();
  assertEquals(live.state.value, "live");
});

Deno.test("Live tells nothing while paused, counts what it missed, and then asks to read anew", () => {
  const { live, sources, listen, seen, tick } = setup();
  listen();
  sources[0]?.open();
  seen.length = 0;
  live.pause();
  sources[0]?.send("stats", {});
  sources[0]?.send("reset", {});
  sources[0]?.fail();
  tick();
  live.refresh();
  assertEquals([seen, live.missed.value], [[], 2]);

  live.resume();
  assertEquals([seen, live.missed.value, live.isPaused.value], [["reload"], 0, false]);
});

Deno.test("Live asks to read anew when the server says that events are lost", () => {
  const { sources, listen, seen } = setup();
  listen();
  sources[0]?.open();
  sources[0]?.send("reset", {});
  sources[0]?.send("job.failed", { id: "a" });

  assertEquals(seen, ["reload", "reload", ["job.failed", { id: "a" }]]);
});
