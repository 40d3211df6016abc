import type { JobEvent } from "../../lib/events.ts";
import { decodeCursor, encodeCursor } from "../../lib/filter.ts";
import type { Job } from "../../lib/job.ts";
import { changedJob, FEED_KEPT, type JobChange, SUBSCRIBED_FOR } from "../../lib/job-change.ts";
import type { FeedPage } from "../../lib/store.ts";

/** Changes of one page. */
const PAGE = 1_000;

/** Where a reader stands: the number of the last change it has seen, and when. */
interface Position {
  at: number;
  n: number;
}

/** What happened to jobs while somebody was subscribed. */
export class MemoryFeed {
  /** Each with its number, oldest first, none left out. */
  readonly #changes: { n: number; change: JobChange }[] = [];
  #n = 0;
  #since = Infinity;
  #until = -Infinity;
  #now = -Infinity;

  subscribe(now: number): void {
    const isAlive = now < this.#until && this.#until - now <= SUBSCRIBED_FOR;
    if (!isAlive) {
      this.#since = now;
      this.#changes.length = 0; // what was noted since the last one ended is not all there was
    }
    this.#now = now;
    this.#until = now + SUBSCRIBED_FOR;
  }

  /** Notes what happened to `job` at `time`. @returns False if nobody wants to know. */
  note(event: JobEvent, job: Job, time: number): boolean {
    const at = Math.max(this.#now, time);
    if (at >= this.#until) return false;
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
      const end = encodeCursor("feed", { at: now, n: this.#n } satisfies Position);
      return { changes: [], cursor: end, more: false, reset: from !== null };
    }
    const last = upTo === undefined ? this.#n : (decodeCursor("feed", upTo) as Position).n;
    const first = this.#changes[0]?.n ?? 0;
    const rest = this.#changes.slice(Math.max(0, from.n + 1 - first), Math.max(0, last + 1 - first));
    const page = rest.slice(0, PAGE);
    const more = rest.length > PAGE;
    const end = page.at(-1);
    const position: Position = {
      at: more ? Math.min(now, end?.change.at ?? now) : now,
      n: more ? end?.n ?? last : Math.max(from.n, last),
    };
    const changes = page.map(({ change }) => change);
    return { changes, cursor: encodeCursor("feed", position), more, reset: false };
  }

  /** True if all that happened since is still here. */
  #reaches({ at }: Position, now: number): boolean {
    return now < this.#until && at >= this.#since && now - at <= FEED_KEPT;
  }
}
