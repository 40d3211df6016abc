/** @jsxImportSource preact */
import { Icon } from "../../components/Icon.tsx";
import { useBase } from "../../lib/page-info.ts";
import { useValue } from "../../lib/signal.ts";
import { changedViews, type View } from "../../lib/view.ts";

/** The saved views of the list of jobs. `shown` is the path of the one that is the page. */
export default function Views({ shown, initial }: { shown: string; initial: readonly View[] }) {
  const base = useBase();
  const views = useValue(changedViews) ?? initial;
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
