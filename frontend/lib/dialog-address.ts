import { useEffect } from "preact/hooks";
import { noteInAddress, queryWith } from "./job-address.ts";
import { usePage } from "./page-info.ts";
import { useSignal } from "./signal.ts";

/** The parameter of an address that says which dialog is open. */
const NAME = "do";

/** Which dialog is open, if one is, and how to open and close one. */
export interface AddressedDialog<T extends string> {
  readonly asked: T | null;
  /** null: closes the one that is open. */
  ask(dialog: T | null): void;
}

/**
 * The dialog that the page's address asks for: a link opens it, "Back" closes it. For admins alone; in the browser, once
 * the page is there. For islands.
 *
 * @param dialogs Those that the page has.
 */
export function useAddressedDialog<T extends string>(dialogs: readonly T[]): AddressedDialog<T> {
  const { role } = usePage();
  const asked = useSignal<T | null>(null);

  useEffect(() => {
    if (role !== "admin") return;
    const read = () => {
      const wanted = new URLSearchParams(location.search).get(NAME);
      asked.value = dialogs.find((dialog) => dialog === wanted) ?? null;
    };
    read();
    addEventListener("popstate", read);
    return () => removeEventListener("popstate", read);
  }, []);

  function ask(dialog: T | null) {
    if (dialog === asked.value) return; // a dialog that is taken away says that it closes, too
    if (dialog !== null) {
      history.pushState({ isDialog: true }, "", queryWith(location.search, NAME, [dialog]));
      asked.value = dialog;
    } else if (history.state?.isDialog) {
      history.replaceState(null, ""); // who closes twice must not go back twice
      history.back();
    } else {
      noteInAddress(NAME, []);
      asked.value = null;
    }
  }

  return { asked: asked.value, ask };
}
