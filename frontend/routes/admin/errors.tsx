/** @jsxImportSource preact */
import { page } from "fresh";
import { PageHead } from "../../components/PageHead.tsx";
import { Sample } from "../../components/Sample.tsx";
import { Segments } from "../../components/Segments.tsx";
import Errors from "../../islands/admin/Errors.tsx";
import { errorsIn, loadErrors, loadFailingTypes, RANGES } from "../../lib/errors.ts";
import { define } from "../../utils.ts";

export const handler = define.handlers({
  async GET(ctx) {
    ctx.state.title = "Errors";
    const query = errorsIn(ctx.url.searchParams);
    const [{ opened, ...errors }, types] = await Promise.all([
      loadErrors(ctx.state.api, query),
      loadFailingTypes(ctx.state.api),
    ]);
    return page({ query, errors, opened, types, search: ctx.url.search });
  },
});

export default define.page<typeof handler>(({ data: { query, errors, opened, types, search } }) => (
  <>
    <PageHead title="Errors" now={errors.at}>
      <form class="row end" method="get">
        <label class="hidden" for="type">Type</label>
        <select id="type" name="type" class="short">
          <option value="">All types</option>
          {namesOf(types, query.type).map((name) => (
            <option key={name} value={name} selected={name === query.type}>{name}</option>
          ))}
        </select>
        <input type="hidden" name="range" value={query.range} />
        <button class="btn" type="submit">Show</button>
      </form>
      <Segments label="Range" name="range" options={RANGES} value={query.range} search={search} />
    </PageHead>
    <Errors initial={errors} query={query} search={search} />
    {opened && <Sample cause={opened} release={errors.release} now={errors.at} />}
  </>
));

/** The types to choose from, with the chosen one: its failures may be gone by now. */
function namesOf(types: readonly string[], chosen: string | null): string[] {
  return chosen === null || types.includes(chosen) ? [...types] : [chosen, ...types];
}
