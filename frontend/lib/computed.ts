import { useRef } from "preact/hooks";
import type { ReadonlySignal } from "./signal.ts";

/** What `compute` makes of `sources`: made once for the same values, however often it is read. */
export function useComputed<T>(
  compute: () => T,
  sources: readonly ReadonlySignal<unknown>[],
): ReadonlySignal<T> {
  const last = useRef<{ of: readonly unknown[]; value: T } | null>(null);
  return {
    get value() {
      const of = sources.map(({ value }) => value);
      if (last.current === null || of.some((value, i) => value !== last.current?.of[i])) {
        last.current = { of, value: compute() };
      }
      return last.current.value;
    },
  };
}
