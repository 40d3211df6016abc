/** @jsxImportSource preact */
import { PageInfoProvider } from "../lib/server-context.ts";
import { define } from "../utils.ts";

export default define.layout(({ Component, state }) => (
  <PageInfoProvider value={state.page}>
    <Component />
  </PageInfoProvider>
));
