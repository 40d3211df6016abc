/** @jsxImportSource preact */
import type { ComponentChildren } from "preact";
import type { Visit } from "../../backend/routes/dashboard.ts";
import Keys from "../islands/shell/Keys.tsx";
import ThemeSwitch from "../islands/shell/ThemeSwitch.tsx";
import Toasts from "../islands/shell/Toasts.tsx";
import Views from "../islands/shell/Views.tsx";
import type { Flags } from "../lib/flags.ts";
import { usePage } from "../lib/page-info.ts";
import type { View } from "../lib/view.ts";
import { shownPath } from "../lib/views.ts";
import { Icon } from "./Icon.tsx";
import { Nav } from "./Nav.tsx";
import { ViewList } from "./ViewList.tsx";

/** What is around each page: where to go, how to see it, who is signed in. */
export function Shell({ path, search, flags, views, visit: { version, hasLogin }, store, children }: {
  path: string;
  /** What is behind the path, with its "?". */
  search: string;
  flags: Flags;
  views: readonly View[];
  visit: Pick<Visit, "version" | "hasLogin">;
  /** What the store is called; null while it is away. */
  store: string | null;
  children: ComponentChildren;
}) {
  const { base, role } = usePage();
  return (
    <div class="app">
      <a class="skip" href="#main">Skip to content</a>
      <header class="side">
        <a class="brand" href={`${base}/admin/jobs`} aria-current="false">
          <Icon name="mark" />Cronosaur
        </a>
        <details class="menu">
          <summary class="btn bare">
            <Icon name="menu" />Menu
          </summary>
        </details>
        <div class="drawer">
          <Nav path={path} flags={flags} />
          {path === `${base}/admin/jobs`
            ? <Views shown={shownPath(new URLSearchParams(search))} initial={views} />
            : <ViewList shown="" views={views} />}
          <div class="foot">
            <ThemeSwitch />
            <p class="scripted">
              <kbd>?</kbd> for keys
            </p>
            <SignOut as={`Signed in as ${role}`} hasLogin={hasLogin} />
            <p>Cronosaur {version}{store !== null && ` · ${store}`}</p>
          </div>
        </div>
      </header>
      <main id="main">{children}</main>
      <Keys />
      <Toasts />
    </div>
  );
}

/** Who is signed in and, where people sign in here, a way out that needs no scripts. */
export function SignOut({ as, hasLogin }: { as: string; hasLogin: boolean }) {
  return (
    <form class="row signout" method="post" action={`${usePage().base}/admin/logout`}>
      <span>{as}</span>
      {hasLogin && <button class="link" type="submit">Sign out</button>}
    </form>
  );
}
