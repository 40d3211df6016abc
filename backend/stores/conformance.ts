import { type Cases, type Fixture, testCases } from "./conformance/harness.ts";
import { changeCases } from "./conformance/change.ts";
import { claimCases } from "./conformance/claim.ts";
import { deleteCases } from "./conformance/delete.ts";
import { feedCases } from "./conformance/feed.ts";
import { feedSubscriptionCases } from "./conformance/feed-subscription.ts";
import { insertCases } from "./conformance/insert.ts";
import { listCases } from "./conformance/list.ts";
import { logCases } from "./conformance/logs.ts";
import { queueCases } from "./conformance/queues.ts";
import { rescueCases } from "./conformance/rescue.ts";
import { settleCases } from "./conformance/settle.ts";
import { timeCases } from "./conformance/time.ts";
import { uniqueRaceCases } from "./conformance/unique-races.ts";
import { uniqueCases } from "./conformance/unique.ts";
import { countCases } from "./conformance/counts.ts";
import { processCases } from "./conformance/process.ts";
import { watchCases } from "./conformance/watch.ts";
import { recordCases } from "./conformance/records.ts";
import { largeCases } from "./conformance/large.ts";

export type { Fixture, Lab } from "./conformance/harness.ts";

const SUBJECTS: readonly Cases[] = [
  insertCases,
  uniqueCases,
  uniqueRaceCases,
  claimCases,
  settleCases,
  rescueCases,
  changeCases,
  timeCases,
  deleteCases,
  listCases,
  logCases,
  countCases,
  queueCases,
  processCases,
  watchCases,
  recordCases,
  feedCases,
  feedSubscriptionCases,
  largeCases,
];

/**
 * Tests a store against the contract: every behaviour that `lib/store.ts` promises, by the same cases for every
 * store. What differs between stores is only when a dead process counts as dead: `Lab.leaseMs`.
 */
export function testStore(name: string, fixture: Fixture): void {
  testCases(name, Object.assign({}, ...SUBJECTS), fixture);
}
