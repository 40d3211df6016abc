/** @jsxImportSource preact */
import { Icon } from "../../components/Icon.tsx";
import { useValue } from "../../lib/signal.ts";
import { closeToast, toasts } from "../../lib/toasts.ts";

/** Answers to actions, at the bottom of the page. */
export default function Toasts() {
  return (
    <div class="toasts" role="status">
      {useValue(toasts).map(({ id, kind, text, link }) => (
        <div class="toast row" key={id} role={kind === "bad" ? "alert" : undefined}>
          <span class={kind === "bad" ? "bad" : undefined}>
            <Icon name={kind === "bad" ? "failed" : "completed"} />
          </span>
          <span>{text}</span>
          {link && <a class="btn bare end" href={link.href}>{link.text}</a>}
          <button
            class="btn bare square"
            type="button"
            aria-label="Close"
            onClick={() =>
              closeToast(id)}
          >
            <Icon name="close" />
          </button>
        </div>
      ))}
    </div>
  );
}
