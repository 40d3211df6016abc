/** @jsxImportSource preact */
import type { ComponentChildren } from "preact";
import { Icon } from "./Icon.tsx";

/** The ways through a list that is read page by page. Nothing where one page is all there is. */
export function Pages({ of, first, next, children }: {
  /** What is listed: "deliveries". */
  of: string;
  /** Where the list begins; null: here. */
  first: string | null;
  /** Where it goes on; null: it ends here. */
  next: string | null;
  /** What to know of the page. */
  children?: ComponentChildren;
}) {
  if (first === null && next === null) return null;
  return (
    <nav class="body row soft pages" aria-label={`Pages of ${of}`}>
      {children}
      {first !== null && <a class="btn" href={first} aria-current="false">First page</a>}
      {next !== null && (
        <a class="btn" href={next} aria-current="false">
          Next page<Icon name="right" />
        </a>
      )}
    </nav>
  );
}
