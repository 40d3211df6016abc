import { checkName } from "./check.ts";
import { InputRangeError, LimitError, NotFoundError, VersionConflictError } from "./errors.ts";
import type { Queue } from "./queue.ts";
import type { QueueHost } from "./queue-host.ts";
import type { Store } from "./store.ts";

const KIND = "view";

/** As many as a menu can show. */
export const MOST_VIEWS = 50;

const LONGEST_NAME = 60;
const LONGEST_FILTER = 500;

/** A filter of the list of jobs that people gave a name, shared by all who look. */
export interface SavedView {
  /** 1–60 characters. */
  readonly name: string;
  /** As it is typed: `status:failed type:email tag:vip data.userId=42 text`. */
  readonly filter: string;
  /** Epoch milliseconds. */
  readonly updatedAt: number;
  /** The role of who saved it last. */
  readonly updatedBy: string;
}

/** There are as many views as there may be. */
export class ViewLimitError extends LimitError {
  readonly code = "too_many_views";

  constructor() {
    super(`Cannot save the view: there are ${MOST_VIEWS} already`);
  }
}

/** The saved views of a queue, in its store. */
export class SavedViews {
  readonly #host: QueueHost;

  constructor(queue: Pick<Queue, "host">) {
    this.#host = queue.host();
  }

  /** All views, by name. */
  async list(): Promise<SavedView[]> {
    const records = await (await this.#host.store()).records(KIND);
    return records.map(({ value }) => value as SavedView).sort((a, b) => a.name.localeCompare(b.name, "en"));
  }

  /**
   * Saves a view under a new name, or another filter under a known one. Of several callers the last one wins.
   *
   * @returns It, and what the name stood for before.
   * @throws {InputTypeError | InputRangeError} Name or filter is wrong; nothing was saved.
   * @throws {ViewLimitError} The name is new, and there are 50 views.
   */
  async save(
    view: Pick<SavedView, "name" | "filter">,
    by: string,
  ): Promise<{ before: SavedView | null; after: SavedView }> {
    const name = checkName(view.name, "name", LONGEST_NAME);
    const filter = checkName(view.filter, "filter", LONGEST_FILTER);
    const store = await this.#host.store();
    const after: SavedView = { name, filter, updatedAt: this.#host.clock.now(), updatedBy: by };
    const before = await this.#write(store, name, async (known) => {
      if (known === null && (await store.records(KIND)).length >= MOST_VIEWS) throw new ViewLimitError();
      return after;
    });
    return { before, after };
  }

  /** Removes a view. @returns What it was. @throws {NotFoundError} There is none of this name. */
  async remove(name: string): Promise<SavedView> {
    // What no name can be is not fit to be a key of the store either.
    const before = isName(name) ? await this.#write(await this.#host.store(), name, () => undefined) : null;
    if (before === null) throw new NotFoundError("view", name);
    return before;
  }

  /** Writes what `change` makes of the view, again if somebody else was faster. @returns What it was. */
  async #write(
    store: Store,
    name: string,
    change: (known: SavedView | null) => SavedView | undefined | Promise<SavedView | undefined>,
  ): Promise<SavedView | null> {
    for (;;) {
      const record = await store.record(KIND, keyOf(name));
      const known = record === null ? null : record.value as SavedView;
      const put = {
        kind: KIND,
        key: keyOf(name),
        value: await change(known),
        expect: record?.version ?? null,
      };
      try {
        await store.commit({ put: [put] }, this.#host.clock.now());
        return known;
      } catch (error) {
        if (!(error instanceof VersionConflictError)) throw error;
      }
    }
  }
}

function isName(name: string): boolean {
  try {
    return checkName(name, "name", LONGEST_NAME) === name;
  } catch (error) {
    if (error instanceof InputRangeError) return false;
    throw error;
  }
}

/** Keys are ASCII, so that every store sorts them alike. */
function keyOf(name: string): string {
  return encodeURIComponent(name);
}
