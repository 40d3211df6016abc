/** @jsxImportSource preact */
import { usePage } from "../lib/page-info.ts";

/** Whether what is called `name` is on; admins switch it. */
export function Switch({ name, isOn, onToggle }: { name: string; isOn: boolean; onToggle: () => void }) {
  if (usePage().role !== "admin") return <span class="soft">{isOn ? "on" : "off"}</span>;
  return (
    <button
      class="switch"
      type="button"
      role="switch"
      aria-checked={isOn ? "true" : "false"}
      aria-label={`${name} enabled`}
      onClick={onToggle}
    />
  );
}
