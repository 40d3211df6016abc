import type { JobEvent } from "../../lib/events.ts";
import { decodeCursor, encodeCursor } from "../../lib/filter.ts";
import type { Job } from "../../lib/job.ts";
import { FEED_KEPT, type FeedTerm, renew } from "../../lib/feed-term.ts";
import { changedJob, type JobChange } from "../../lib/job-change.ts";
import type { FeedPage } from "../../lib/store.ts";

/** Changes of one page. */
const PAGE = 1_000;

/** Where a reader stands: the number of the last change it has seen, and when. */
interface Position {
  /** The subscription it was got in; "" if there was none. */
  term: string;
  at: number;
  n: number;
}

/** What happened to jobs while somebody was subscribed. */
export class MemoryFeed {
  /** Each with its number, oldest first, none left out. */
  readonly #changes: { n: number; change: JobChange }[] = [];
  #n = 0;
  #term: FeedTerm | null = null;
  #now = -Infinity;

  subscribe(now: number): void {
    const last = this.#term;
    this.#term = renew(last, now);
    if (this.#term.id !== last?.id) this.#changes.length = 0; // nobody can read on from there
    this.#now = now;
  }

  /** Notes what happened to `job` at `time`. @returns False if nobody wants to know. */
  note(event: JobEvent, job: Job, time: number): boolean {
    const at = Math.max(this.#now, time);
    if (at >= (this.#term?.until ?? -Infinity)) this.#term = null; // over, also should the clock step back
    if (this.#term === null) return false;
    this.#now = at;
    // Many at once, since those that stay all move up.
    while ((this.#changes[PAGE]?.change.at ?? Infinity) < at - FEED_KEPT) this.#changes.splice(0, PAGE);
    this.#changes.push({ n: ++this.#n, change: { event, at, job: changedJob(job) } });
    return true;
  }

  /** What `Store.changesSince` returns. */
  read(cursor: string | null, { now, upTo }: { now: number; upTo?: string }): FeedPage {
    const from = cursor === null ? null : decodeCursor("feed", cursor) as Position;
    if (from === null || !this.#reaches(from, now)) {
      const position: Position = { term: this.#term?.id ?? "", at: now, n: this.#n };
      const end = encodeCursor("feed", position);
      return { changes: [], cursor: end, more: false, reset: from !== null };
    }
    const last = upTo === undefined ? this.#n : (decodeCursor("feed", upTo) as Position).n;
    const first = this.#changes[0]?.n ?? 0;
    const rest = this.#changes.slice(Math.max(0, from.n + 1 - first), Math.max(0, last + 1 - first));
    const page = rest.slice(0, PAGE);
    const more = rest.length > PAGE;
    const end = page.at(-1);
    const position: Position = {
      term: from.term,
      at: more ? Math.min(now, end?.change.at ?? now) : now,
      n: more ? end?.n ?? last : Math.max(from.n, last),
    };
    const changes = page.map(({ change }) => change);
    return { changes, cursor: encodeCursor("feed", position), more, reset: false };
  }

  /** True if all that happened since is still here. */
  #reaches({ term: id, at }: Position, now: number): boolean {
    const term = this.#term;
    return term !== null && now < term.until && id === term.id && now - at <= FEED_KEPT;
  }
}
