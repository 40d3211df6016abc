/** @jsxImportSource preact */
import { page } from "fresh";
import { PageHead } from "../../components/PageHead.tsx";
import { Pages } from "../../components/Pages.tsx";
import { ScheduleFilterForm } from "../../components/ScheduleFilter.tsx";
import ScheduleEditor from "../../islands/admin/ScheduleEditor.tsx";
import Schedules from "../../islands/admin/Schedules.tsx";
import { loadEditor } from "../../lib/schedule-editor.ts";
import { filterOf } from "../../lib/schedule-filter.ts";
import { addressOf, loadSchedules } from "../../lib/schedules.ts";
import { define } from "../../utils.ts";

export const handler = define.handlers({
  async GET(ctx) {
    ctx.state.title = "Schedules";
    const { api } = ctx.state;
    const { searchParams } = ctx.url;
    const filter = filterOf(searchParams);
    const name = searchParams.get("edit");
    const [schedules, editor] = await Promise.all([
      loadSchedules(api, filter),
      name === null && !searchParams.has("new") ? null : loadEditor(api, name, searchParams),
    ]);
    return page({ schedules, filter, editor, now: Date.now() });
  },
});

export default define.page<typeof handler>(({ data: { schedules, filter, editor, now }, state }) => {
  const { base } = state.page;
  const { nextCursor } = schedules;
  return (
    <>
      <PageHead title="Schedules" now={now}>
        <ScheduleFilterForm filter={filter} />
      </PageHead>
      <div class={editor === null ? "stack" : "two aside"}>
        <Schedules initial={schedules} filter={filter} editing={editor?.schedule?.name ?? null} now={now} />
        {editor !== null && (
          <ScheduleEditor
            key={editor.schedule?.name ?? ""}
            initial={editor.schedule}
            given={editor.given}
            explained={editor.explained}
            now={now}
            close={addressOf(base, filter)}
          />
        )}
      </div>
      <Pages
        of="schedules"
        first={filter.cursor === null ? null : addressOf(base, { ...filter, cursor: null })}
        next={nextCursor === null ? null : addressOf(base, { ...filter, cursor: nextCursor })}
      />
    </>
  );
});
