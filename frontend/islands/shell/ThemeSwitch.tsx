/** @jsxImportSource preact */
import { useEffect } from "preact/hooks";
import { type Theme, THEME_COOKIE, usePage, ZONE_COOKIE } from "../../lib/page-info.ts";
import { useSignal } from "../../lib/signal.ts";

const THEMES: readonly Theme[] = ["system", "light", "dark"];

/** Light or dark. The server knows by a cookie, so that no page shows the other one first. */
export default function ThemeSwitch() {
  const { base, zone, theme } = usePage();
  const current = useSignal(theme);

  function keep(name: string, value: string) {
    document.cookie = `${name}=${value}; Path=${base || "/"}; Max-Age=31536000; SameSite=Lax`;
  }

  useEffect(() => keep(ZONE_COOKIE, zone.replaceAll("/", "%2F")), []);

  function choose(chosen: Theme) {
    current.value = chosen;
    document.documentElement.dataset.theme = chosen;
    keep(THEME_COOKIE, chosen);
  }

  return (
    <div class="segments scripted" role="group" aria-label="Theme">
      {THEMES.map((name) => (
        <button
          key={name}
          type="button"
          aria-pressed={current.value === name ? "true" : "false"}
          onClick={() => choose(name)}
        >
          {name[0]?.toUpperCase() + name.slice(1)}
        </button>
      ))}
    </div>
  );
}
