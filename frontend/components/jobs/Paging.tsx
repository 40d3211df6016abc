/** @jsxImportSource preact */
import { formatCount } from "../../lib/format.ts";
import { useBase } from "../../lib/page-info.ts";
import type { JobsData } from "../../lib/jobs.ts";
import {
  beginning,
  jobsPath,
  type JobsQuery,
  newerPage,
  olderPage,
  PAGE_SIZES,
} from "../../lib/jobs-query.ts";
import { Icon } from "../Icon.tsx";

/** Where in the list the page is, and the ways on. */
export function Paging({ data: { list, around }, query }: { data: JobsData; query: JobsQuery }) {
  const base = useBase();
  const href = (to: JobsQuery) => base + jobsPath(to);
  const { nextCursor, scanned } = list;
  return (
    <>
      {scanned !== null && nextCursor !== null && (
        <p class="soft line-note">
          Looked at {formatCount(scanned)}{" "}
          jobs so far{query.page > 1 ? " on this page" : ""}: the filter is slow to match.{" "}
          <a href={href(olderPage(query, nextCursor))}>Go on</a>
        </p>
      )}
      <nav class="row soft" aria-label="Pages of jobs">
        <span class="line">{placeOf({ list, around }, query)}</span>
        <span class="segments end" role="group" aria-label="Jobs a page">
          {PAGE_SIZES.map((limit) => (
            <a
              key={limit}
              href={href(beginning(query, { limit }))}
              aria-current={limit === query.limit ? "page" : "false"}
              aria-label={`${limit} jobs a page`}
            >
              {limit}
            </a>
          ))}
        </span>
        <Step to={query.page > 1 ? href(newerPage(query)) : null}>
          <Icon name="left" />Newer
        </Step>
        <Step to={nextCursor === null ? null : href(olderPage(query, nextCursor))}>
          Older<Icon name="right" />
        </Step>
      </nav>
    </>
  );
}

function Step({ to, children }: { to: string | null; children: preact.ComponentChildren }) {
  if (to === null) return <button class="btn" type="button" disabled>{children}</button>;
  return <a class="btn" href={to} aria-current="false">{children}</a>;
}

/** `16–30 of 1,284`; of a list that nobody has counted, which page it is. */
function placeOf(
  { list: { rows, nextCursor }, around: { total } }: JobsData,
  { page, limit }: JobsQuery,
): string {
  if (rows.length === 0) return "";
  const from = (page - 1) * limit + 1;
  const to = from + rows.length - 1;
  if (total !== null) return `${formatCount(from)}–${formatCount(to)} of ${formatCount(Math.max(total, to))}`;
  if (page === 1 && nextCursor === null) return `All ${formatCount(to)} that match`;
  return `Page ${formatCount(page)}`;
}
