/** @jsxImportSource preact */
import type { ComponentChildren } from "preact";
import { Icon } from "./Icon.tsx";

/** Stands where there is nothing to show, and says why and what to do. */
export function Empty({ icon = "mark", level: Heading = "h3", title, children }: {
  icon?: string;
  /** Headings must not leave a level out: "h2" stands right below the page's title. */
  level?: "h2" | "h3";
  title: string;
  children?: ComponentChildren;
}) {
  return (
    <div class="empty">
      <Icon name={icon} />
      <Heading>{title}</Heading>
      {children}
    </div>
  );
}
