/** @jsxImportSource preact */
import { Icon } from "../../components/Icon.tsx";
import { apiAt } from "../../lib/api.ts";
import { type Flags, loadFlags } from "../../lib/flags.ts";
import { useFreshData } from "../../lib/fresh-data.ts";
import { useBase } from "../../lib/page-info.ts";

const PAGES = [
  ["jobs", "Jobs"],
  ["schedules", "Schedules"],
  ["errors", "Errors"],
  ["workers", "Workers"],
  ["queues", "Queues"],
  ["webhooks", "Webhooks"],
  ["audit", "Audit log"],
] as const;

/** The pages, and what is wrong on them. */
export default function Nav({ path, initial }: { path: string; initial: Flags }) {
  const base = useBase();
  const { data: flags } = useFreshData(initial, {
    load: () => loadFlags(apiAt(base)),
    on: ["worker."],
  });
  const { deadWorkers, pausedQueues } = flags.value;
  const flagOf: Partial<Record<string, string>> = {
    ...(deadWorkers > 0 && { workers: `${deadWorkers} dead` }),
    ...(pausedQueues > 0 && { queues: `${pausedQueues} paused` }),
  };
  return (
    <nav aria-label="Pages">
      <ul>
        {PAGES.map(([name, title]) => {
          const href = `${base}/admin/${name}`;
          const isCurrent = path === href || path.startsWith(`${href}/`);
          return (
            <li key={name}>
              <a href={href} aria-current={isCurrent ? "page" : "false"}>
                <Icon name={name} />
                {title}
                {flagOf[name] && <span class="flag" data-status="warn">{flagOf[name]}</span>}
              </a>
            </li>
          );
        })}
      </ul>
    </nav>
  );
}
