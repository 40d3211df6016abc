/** @jsxImportSource preact */
import { apiAt } from "../../lib/api.ts";
import { reasonOf } from "../../lib/fresh-data.ts";
import { useBase } from "../../lib/page-info.ts";
import { useSignal, useValue } from "../../lib/signal.ts";
import { toast } from "../../lib/toasts.ts";
import { changedViews, type View } from "../../lib/view.ts";
import { loadViews } from "../../lib/views.ts";
import { Dialog } from "../Dialog.tsx";
import { Icon } from "../Icon.tsx";

/** Gives the filter a name in the menu of all who look, or takes away the one it has. For islands. */
export function SaveView({ filter, initial }: { filter: string; initial: readonly View[] }) {
  const api = apiAt(useBase());
  const isOpen = useSignal(false);
  const refusal = useSignal("");
  const views = useValue(changedViews) ?? initial;
  const saved = views.find((view) => view.filter === filter);
  const close = () => isOpen.value = false;

  async function change(send: () => Promise<unknown>, done: string) {
    try {
      await send();
      changedViews.value = await loadViews(api);
      close();
      toast("good", done);
    } catch (error) {
      refusal.value = reasonOf(error);
    }
  }

  function save(name: string) {
    const isKnown = views.some((view) => view.name === name);
    if (isKnown) {
      return void (refusal.value =
        `There is a view “${name}” already. Remove it first, or choose another name.`);
    }
    void change(
      () => api.views[":name"].$put({ param: { name }, json: { filter } }),
      `Saved the view “${name}”`,
    );
  }

  return (
    <>
      <button
        class="btn"
        type="button"
        onClick={() => {
          refusal.value = "";
          isOpen.value = true;
        }}
      >
        <Icon name={saved ? "trash" : "view"} />
        {saved ? "Remove view" : "Save view"}
      </button>
      {isOpen.value && (
        <Dialog
          title={saved ? `Remove the view “${saved.name}”?` : "Save view"}
          onClose={close}
          actions={
            <>
              {saved
                ? (
                  <button
                    class="btn main danger"
                    type="button"
                    onClick={() =>
                      void change(
                        () => api.views[":name"].$delete({ param: { name: saved.name }, query: {} }),
                        `Removed the view “${saved.name}”`,
                      )}
                  >
                    Remove view
                  </button>
                )
                : (
                  <button
                    class="btn main"
                    type="button"
                    onClick={() =>
                      save(document.querySelector<HTMLInputElement>("#view-name")?.value.trim() ?? "")}
                  >
                    Save view
                  </button>
                )}
              <button class="btn" type="button" onClick={close}>{saved ? "Keep it" : "Cancel"}</button>
            </>
          }
        >
          {saved ? <p class="soft">It disappears from everybody's menu. No job is touched.</p> : (
            <div>
              <label for="view-name">Name, for all who look</label>
              <input id="view-name" maxLength={60} autocomplete="off" />
            </div>
          )}
          {refusal.value !== "" && <p class="bad" role="alert">{refusal.value}</p>}
        </Dialog>
      )}
    </>
  );
}
