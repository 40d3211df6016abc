import { Signal } from "./signal.ts";

/** A filter of the list of jobs that has a name, for all who look. */
export interface View {
  name: string;
  filter: string;
  /** The name as it is shown. */
  label: string;
  /** Where it leads to, behind where the dashboard is mounted. */
  path: string;
}

/** The views as this page has changed them; null: as the server rendered them. For islands in the browser. */
export const changedViews: Signal<readonly View[] | null> = new Signal(null);
