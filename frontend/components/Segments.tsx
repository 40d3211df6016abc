/** @jsxImportSource preact */
import { withParam } from "../lib/urls.ts";

/** A choice of a few, each a link to the page as it is then. The first one is what a page without `name` shows. */
export function Segments<T extends string>({ label, name, options, value, search }: {
  label: string;
  /** The parameter of the address that says which. */
  name: string;
  /** Words by value. */
  options: Readonly<Record<T, string>>;
  value: T;
  /** What is behind the page's path now. */
  search: string;
}) {
  return (
    <nav class="segments end" aria-label={label}>
      {(Object.entries(options) as [T, string][]).map(([each, words]) => (
        <a
          key={each}
          href={withParam(search, name, each)}
          aria-current={each === value ? "page" : "false"}
        >
          {words}
        </a>
      ))}
    </nav>
  );
}
