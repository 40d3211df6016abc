/** @jsxImportSource preact */
import { page } from "fresh";
import { PageHead } from "../../../components/PageHead.tsx";
import { ScheduleDetails } from "../../../components/ScheduleDetails.tsx";
import { ScheduleNotes } from "../../../components/ScheduleNotes.tsx";
import Schedule from "../../../islands/admin/Schedule.tsx";
import ScheduleEditor from "../../../islands/admin/ScheduleEditor.tsx";
import { loadEditor } from "../../../lib/schedule-editor.ts";
import { loadSchedule } from "../../../lib/schedule.ts";
import { addressOfOne } from "../../../lib/schedules.ts";
import { ServerParts } from "../../../lib/server-context.ts";
import { lastSegment } from "../../../lib/urls.ts";
import { define } from "../../../utils.ts";

export const handler = define.handlers({
  async GET(ctx) {
    const name = lastSegment(ctx.url);
    ctx.state.title = `${name} · Schedules`;
    const { api } = ctx.state;
    const { searchParams } = ctx.url;
    const [data, editor] = await Promise.all([
      loadSchedule(api, name),
      searchParams.has("edit") ? loadEditor(api, name, searchParams) : null,
    ]);
    return page({ data, editor, now: Date.now() });
  },
});

export default define.page<typeof handler>(({ data: { data, editor, now }, state }) => {
  const { base } = state.page;
  const { name } = data.schedule;
  return (
    <>
      <nav class="row soft" aria-label="Place">
        <a href={`${base}/admin/schedules`} aria-current="false">Schedules</a>
        <span aria-hidden="true">/</span>
      </nav>
      <PageHead title={name} now={now} />
      <div class={editor === null ? "stack" : "two aside"}>
        <div class="stack">
          <ServerParts value={{ notes: <ScheduleNotes schedule={data.schedule} now={now} /> }}>
            <Schedule initial={data.schedule} now={now} />
          </ServerParts>
          <ScheduleDetails data={data} isNarrow={editor !== null} now={now} />
        </div>
        {editor !== null && (
          <ScheduleEditor
            initial={editor.schedule}
            given={editor.given}
            explained={editor.explained}
            now={now}
            close={addressOfOne(base, name)}
          />
        )}
      </div>
    </>
  );
});
