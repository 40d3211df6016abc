import { assertEquals } from "@std/assert";
import type { JobChange } from "../../lib/job-change.ts";
import type { Store } from "../../lib/store.ts";
import type { FakeClock } from "../../testing/fake-clock.ts";

/** Subscribes by `store`. @returns The present end of the feed. */
export async function follow(store: Store, clock: FakeClock): Promise<string> {
  await store.subscribe(clock.now());
  return (await store.changesSince(null, { now: clock.now() })).cursor;
}

/** All changes behind `cursor`, page by page, and where they end. */
export async function read(store: Store, clock: FakeClock, cursor: string, upTo?: string) {
  const changes: JobChange[] = [];
  for (let pages = 0; pages < 10_000; pages++) {
    const page = await store.changesSince(cursor, {
      now: clock.now(),
      ...(upTo === undefined ? {} : { upTo }),
    });
    assertEquals(page.reset, false);
    changes.push(...page.changes);
    cursor = page.cursor;
    if (!page.more) return { changes, cursor };
  }
  throw new Error("The feed does not end");
}

/** What happened, by the ids of the jobs. */
export function eventsOf(changes: readonly JobChange[]): Record<string, string[]> {
  const events: Record<string, string[]> = {};
  for (const { event, job } of changes) (events[job.id] ??= []).push(event);
  return events;
}
