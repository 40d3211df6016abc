/** @jsxImportSource preact */
import type { ComponentChildren } from "preact";
import type { JobStatus } from "./Status.tsx";
import { Icon } from "./Icon.tsx";

/** What is wrong, since when, and by whom; then the one next step as a button or link in `action`. */
export function Note({ status, icon, title, children, action }: {
  /** Whose colour it has. */
  status: JobStatus | "warn";
  icon: string;
  title: ComponentChildren;
  children?: ComponentChildren;
  action?: ComponentChildren;
}) {
  return (
    <div class="note" data-status={status}>
      <Icon name={icon} />
      <div>
        <p>
          <strong>{title}</strong>
        </p>
        {children && <p class="soft">{children}</p>}
      </div>
      {action}
    </div>
  );
}
