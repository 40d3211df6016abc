/** @jsxImportSource preact */
import type { VNode } from "preact";
import { useRef } from "preact/hooks";
import { useKeys } from "../../lib/keys.ts";
import { useBase } from "../../lib/page-info.ts";
import { useSignal } from "../../lib/signal.ts";
import { toast } from "../../lib/toasts.ts";

/** Where "g" and another key lead. */
const PAGES: Readonly<Record<string, string>> = {
  j: "jobs",
  s: "schedules",
  w: "workers",
  q: "queues",
  e: "errors",
};

/** Milliseconds in which the second of two keys has to follow. */
const PATIENCE = 1500;

/** The keys that every page knows, and the list of all. */
export default function Keys() {
  const base = useBase();
  const list = useSignal<VNode | null>(null);
  const wentAt = useRef(-Infinity);

  /** Few ask for the list: who does, loads it. */
  async function open() {
    try {
      const { KeyList } = await import("../../components/KeyList.tsx");
      list.value = <KeyList onClose={() => list.value = null} />;
    } catch {
      toast("bad", "Cannot open the list of keys: the service did not answer");
    }
  }

  useKeys((key, event) => {
    const isSecond = event.timeStamp - wentAt.current < PATIENCE;
    wentAt.current = key === "g" ? event.timeStamp : -Infinity;
    const name = isSecond && Object.hasOwn(PAGES, key) ? PAGES[key] : undefined;
    if (name !== undefined) {
      event.stopImmediatePropagation(); // j is a key of pages, too
      location.assign(`${base}/admin/${name}`);
    } else if (key === "?") {
      void open();
    }
  });

  return list.value;
}
