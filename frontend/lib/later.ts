import { useEffect } from "preact/hooks";
import { reasonOf } from "./fresh-data.ts";
import { useSignal } from "./signal.ts";
import { toast } from "./toasts.ts";

/**
 * A part of a page that is loaded once it is wanted, and null until then. For islands.
 *
 * @param onFailure Called when it cannot be loaded, which has been said then.
 */
export function useLater<T>(load: () => Promise<T>, isWanted: boolean, onFailure: () => void): T | null {
  const part = useSignal<T | null>(null);
  useEffect(() => {
    if (!isWanted || part.value !== null) return;
    load().then((loaded) => part.value = loaded, (error) => {
      toast("bad", `Cannot open it: ${reasonOf(error)}`);
      onFailure();
    });
  }, [isWanted]);
  return part.value;
}
