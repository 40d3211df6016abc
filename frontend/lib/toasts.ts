import { Signal } from "./signal.ts";

/** A short answer to what somebody did. */
export interface ToastMessage {
  id: number;
  /** bad: stays until it is closed. */
  kind: "good" | "bad";
  text: string;
  /** Where to go on. */
  link?: { href: string; text: string };
}

/** What the island `Toasts` shows. */
export const toasts: Signal<readonly ToastMessage[]> = new Signal([]);

/** Milliseconds a good one stays. */
const STAY = 6000;

let last = 0;

/** Says `text` at the bottom of the page. For islands. */
export function toast(kind: ToastMessage["kind"], text: string, link?: ToastMessage["link"]): void {
  const id = ++last;
  toasts.value = [...toasts.value, { id, kind, text, ...(link === undefined ? {} : { link }) }];
  if (kind === "good") setTimeout(() => closeToast(id), STAY);
}

export function closeToast(id: number): void {
  toasts.value = toasts.value.filter((message) => message.id !== id);
}
