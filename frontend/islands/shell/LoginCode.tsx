/** @jsxImportSource preact */
import { useEffect } from "preact/hooks";

/**
 * Puts the code of a login link into the form and takes it out of the address.
 *
 * It stands behind `#`, which browsers send to nobody: no log of ours or of a proxy has it, no `Referer`, and from now
 * on not even the history. Without scripts it can be pasted.
 */
export default function LoginCode({ field }: { field: string }) {
  useEffect(() => {
    const code = location.hash.slice(1);
    const input = document.getElementById(field);
    if (code === "" || !(input instanceof HTMLInputElement)) return;
    input.value = code;
    history.replaceState(null, "", location.pathname + location.search);
  }, []);
  return null;
}
