/** @jsxImportSource preact */
import { Failure } from "../components/Failure.tsx";
import { define } from "../utils.ts";

/** For paths that lead nowhere: no layout is around them. */
export default define.page(({ error }) => (
  <main class="center" id="main">
    <Failure error={error} />
  </main>
));
