/** @jsxImportSource preact */
import { useBase } from "../../lib/page-info.ts";
import type { View } from "../../lib/view.ts";

/** Where a saved view stands: `Jobs / VIP in the EU`. `href` leads to it, unless it is what the page shows. */
export function ViewPlace({ view: { label }, href }: { view: View; href?: string }) {
  const base = useBase();
  return (
    <>
      <a class="link" href={`${base}/admin/jobs`} aria-current="false">Jobs</a>
      <span aria-hidden="true">/</span>
      {href === undefined
        ? <bdi class="cut" aria-current="page">{label}</bdi>
        : (
          <a class="link cut" href={href} aria-current="false">
            <bdi>{label}</bdi>
          </a>
        )}
    </>
  );
}
