import { useEffect } from "preact/hooks";
import { type ReadonlySignal, useSignal } from "./signal.ts";

/**
 * The time by the server's clock, once a second, so that ages grow. For islands.
 *
 * @param start When the server made the page, epoch milliseconds.
 */
export function useNow(start: number): ReadonlySignal<number> {
  const now = useSignal(start);
  useEffect(() => {
    const begun = performance.now();
    const timer = setInterval(() => now.value = start + Math.round(performance.now() - begun), 1000);
    return () => clearInterval(timer);
  }, []);
  return now;
}
