/** @jsxImportSource preact */
import { useRef } from "preact/hooks";
import { useKeys } from "../../lib/keys.ts";
import { useLater } from "../../lib/later.ts";
import { useBase } from "../../lib/page-info.ts";
import { useSignal } from "../../lib/signal.ts";

/** Where "g" and another key lead. */
const PAGES: ReadonlyMap<string, string> = new Map([
  ["j", "jobs"],
  ["s", "schedules"],
  ["w", "workers"],
  ["q", "queues"],
  ["e", "errors"],
]);

/** Milliseconds in which the second of two keys has to follow. */
const PATIENCE = 1500;

/** The keys that every page knows, and the list of all. */
export default function Keys() {
  const base = useBase();
  const isAsked = useSignal(false);
  const list = useLater(
    () => import("../../components/KeyList.tsx"),
    isAsked.value,
    () => isAsked.value = false,
  );
  const wentAt = useRef(-Infinity);

  useKeys((key, event) => {
    const isSecond = event.timeStamp - wentAt.current < PATIENCE;
    wentAt.current = key === "g" ? event.timeStamp : -Infinity;
    const name = isSecond ? PAGES.get(key) : undefined;
    if (name !== undefined) {
      event.stopImmediatePropagation(); // j is a key of pages, too
      location.assign(`${base}/admin/${name}`);
    } else if (key === "?") {
      isAsked.value = true;
    }
  });

  return list && isAsked.value && <list.KeyList onClose={() => isAsked.value = false} />;
}
