/** @jsxImportSource preact */
import { HttpError, page } from "fresh";
import { Icon } from "../../components/Icon.tsx";
import LoginCode from "../../islands/shell/LoginCode.tsx";
import { define } from "../../utils.ts";

export const handler = define.handlers({
  GET(ctx) {
    const { page: { base }, visit: { hasLogin, refusal } } = ctx.state;
    if (!hasLogin) throw new HttpError(404);
    ctx.state.title = "Sign in";
    const next = ctx.url.searchParams.get("next");
    const action = `${base}/admin/login${next === null ? "" : `?next=${encodeURIComponent(next)}`}`;
    return page({ action, problem: refusal?.message ?? null }, { status: refusal?.status ?? 200 });
  },
});

export default define.page<typeof handler>(({ data: { action, problem } }) => (
  <>
    <p class="brand">
      <Icon name="mark" />Cronosaur
    </p>
    <form class="panel card" method="post" action={action}>
      <h1>Sign in</h1>
      {problem !== null && (
        <div class="note" data-status="failed" role="alert">
          <Icon name="failed" />
          <div>{problem}.</div>
        </div>
      )}
      <div>
        {/* For password managers, which otherwise complain. */}
        <input type="text" autocomplete="username" value="cronosaur" readOnly hidden />
        <label for="secret">Login code or token</label>
        <input
          id="secret"
          type="password"
          name="secret"
          required
          maxLength={512}
          autocomplete="current-password"
        />
      </div>
      <LoginCode field="secret" />
      <button class="btn main" type="submit">
        <Icon name="key" />Sign in
      </button>
      <p class="soft">
        The service gives out a login link when it starts. Tokens are in its <code>data/tokens.env</code>{" "}
        or its environment.
      </p>
    </form>
  </>
));
