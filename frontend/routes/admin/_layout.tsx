/** @jsxImportSource preact */
import { Shell, SignOut } from "../../components/Shell.tsx";
import { loadFlags, NO_FLAGS } from "../../lib/flags.ts";
import { isForParts } from "../../lib/fresh-parts.ts";
import { loadViews } from "../../lib/views.ts";
import { define } from "../../utils.ts";

export default define.layout(async function Layout({ Component, req, state, url }) {
  const { api, page, visit } = state;
  if (page.role === null) {
    return (
      <main class="center" id="main">
        <Component />
        {visit.role !== null && <SignOut as={`Signed in as ${visit.role}`} hasLogin={visit.hasLogin} />}
      </main>
    );
  }
  if (isForParts(req)) return <Component />;
  // An error page has the same problem to tell of.
  const [flags, views, store] = await Promise.all([
    loadFlags(api).catch(() => NO_FLAGS),
    loadViews(api).catch(() => []),
    visit.store(),
  ]);
  return (
    <Shell
      path={url.pathname}
      search={url.search}
      flags={flags}
      views={views}
      visit={visit}
      store={store}
    >
      <Component />
    </Shell>
  );
});
