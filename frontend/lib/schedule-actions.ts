import { apiAt } from "./api.ts";
import { toast } from "./toasts.ts";

/** What actions need to know of a schedule, and change of it. */
interface Switchable {
  name: string;
  enabled: boolean;
  state: "active" | "disabled" | "ended" | "broken" | "not in code";
  nextTickAt: string | null;
}

/** Shows a change of schedule `name` at once (null: it goes), sends it, and takes it back if it is refused. */
type Act = (
  what: string,
  name: string,
  change: <T extends Switchable>(schedule: T) => T | null,
  send: () => Promise<unknown>,
) => Promise<boolean>;

/** What people do to a schedule, wherever it is shown. `base` is the page's. */
export function scheduleActions(base: string, act: Act) {
  const { [":name"]: route } = apiAt(base).schedules;
  return {
    toggle({ name, enabled }: Switchable): Promise<boolean> {
      const param = { name };
      return act(
        `Cannot ${enabled ? "disable" : "enable"} ${name}`,
        name,
        (schedule) => ({ ...schedule, ...(enabled ? OFF : ON) }),
        () => enabled ? route.disable.$post({ param }) : route.enable.$post({ param }),
      );
    },

    async run(name: string): Promise<void> {
      await act(`Cannot run ${name}`, name, (schedule) => schedule, async () => {
        const { jobId } = await (await route.trigger.$post({ param: { name } })).json();
        const href = `${base}/admin/jobs/${encodeURIComponent(jobId)}`;
        toast("good", `Added a job of ${name}`, { href, text: "Show it" });
      });
    },

    remove(name: string): Promise<boolean> {
      return act(`Cannot remove ${name}`, name, () => null, async () => {
        await route.$delete({ param: { name } });
        toast("good", `Removed ${name}`);
      });
    },
  };
}

const OFF = { enabled: false, state: "disabled", nextTickAt: null } as const;
const ON = { enabled: true, state: "active" } as const;
