/** @jsxImportSource preact */
import NavFlag from "../islands/shell/NavFlag.tsx";
import type { Flags } from "../lib/flags.ts";
import { useBase } from "../lib/page-info.ts";
import { Icon } from "./Icon.tsx";

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
export function Nav({ path, flags }: { path: string; flags: Flags }) {
  const base = useBase();
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
                {(name === "errors" || name === "workers" || name === "queues") && (
                  <NavFlag page={name} initial={flags[name]} />
                )}
              </a>
            </li>
          );
        })}
      </ul>
    </nav>
  );
}
