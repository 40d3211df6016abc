/** @jsxImportSource preact */
import { asset } from "fresh/runtime";
import { useBase } from "../lib/page-info.ts";

/** A picture of `static/admin/icons.svg`. It says nothing by itself: a word stands beside it, or a label. */
export function Icon({ name }: { name: string }) {
  return (
    <svg class="icon" aria-hidden="true">
      <use href={`${asset(`${useBase()}/admin/icons.svg`)}#${name}`} />
    </svg>
  );
}
