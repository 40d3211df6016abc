/** @jsxImportSource preact */
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";

/** A question in front of the page, one at a time. For islands: it opens when it is rendered, and Escape closes it. */
export function Dialog({ title, children, actions, onClose, isBroad = false }: {
  title: string;
  /** Has room for what is long. */
  isBroad?: boolean;
  children: ComponentChildren;
  /** Buttons, the one that does it first. */
  actions: ComponentChildren;
  onClose: () => void;
}) {
  const element = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    element.current?.showModal();
    return () => element.current?.close();
  }, []);
  return (
    <dialog
      class={isBroad ? "dialog broad" : "dialog"}
      ref={element}
      aria-labelledby="question"
      onCancel={(event) => {
        event.preventDefault(); // it goes when it is not rendered any more
        onClose();
      }}
      onClose={({ currentTarget }) => {
        // One that was taken away tells of it later, when another may be open.
        if (currentTarget.isConnected) onClose();
      }}
    >
      <h3 id="question">{title}</h3>
      {children}
      <div class="row">{actions}</div>
    </dialog>
  );
}
