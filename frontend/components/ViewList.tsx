/** @jsxImportSource preact */
import { useBase } from "../lib/page-info.ts";
import type { View } from "../lib/view.ts";
import { Icon } from "./Icon.tsx";

/** Links to the saved views of the list of jobs. `shown` is the path of the one that is the page. */
export function ViewList({ shown, views }: { shown: string; views: readonly View[] }) {
  const base = useBase();
  if (views.length === 0) return null;
  return (
    <nav aria-label="Saved views">
      <h2>Saved views</h2>
      <ul>
        {views.map(({ name, filter, label, path }) => (
          <li key={name}>
            <a href={base + path} title={filter} aria-current={path === shown ? "page" : "false"}>
              <Icon name="view" />
              <bdi class="cut">{label}</bdi>
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}
