/** @jsxImportSource preact */
import type { ComponentChildren } from "preact";

/** A table whose rows are cards on a phone. Where there is no room for all of it, it scrolls sideways, by keys, too. */
export function DataTable({ label, kind, columns, numbers = [], order, hasActions, children }: {
  label: string;
  /** Classes that say how it looks. */
  kind: string;
  columns: readonly string[];
  /** Those of them that hold numbers, and stand at the right. */
  numbers?: readonly string[];
  /** The one in whose order the rows stand, the most first. */
  order?: string;
  /** There is one more column, of buttons that say themselves what they do. */
  hasActions?: boolean;
  /** The rows. */
  children: ComponentChildren;
}) {
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={label}>
      <table class={`cards ${kind}`}>
        <thead>
          <tr>
            {columns.map((name) => (
              <th
                key={name}
                scope="col"
                class={numbers.includes(name) ? "num" : undefined}
                aria-sort={name === order ? "descending" : undefined}
              >
                {name}
              </th>
            ))}
            {hasActions && <td />}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}
