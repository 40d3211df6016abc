import { useEffect } from "preact/hooks";

/** Calls `onKey` for every key that is pressed while nobody types and no dialog asks. For islands. */
export function useKeys(onKey: (key: string, event: KeyboardEvent) => void): void {
  useEffect(() => {
    const listener = (event: KeyboardEvent) => {
      const { key, ctrlKey, metaKey, altKey } = event;
      if (ctrlKey || metaKey || altKey || isTyping(event.target)) return;
      if (document.querySelector("dialog[open]") === null) onKey(key, event);
    };
    document.addEventListener("keydown", listener);
    return () => document.removeEventListener("keydown", listener);
  }, []);
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement &&
    (target.isContentEditable || target.matches("textarea, select, input:not([type=checkbox])"));
}
