import { PgBoss } from "pg-boss";
import { systemClock as clock } from "../lib/clock.ts";
import type { Contender, Setting, Subject } from "./contender.ts";
import { createDatabase, type PostgresAddress } from "./postgres-database.ts";
import { usageOf } from "./server-use.ts";

/** Jobs it fetches at once. */
const BATCH = 100;
/** Milliseconds between two looks whether all outcomes are stored. */
const LOOK_EVERY = 2;

/**
 * pg-boss as fast as its options let it be: it listens for new jobs and fetches batches of 100 without a pause while
 * they come full; the handler of a batch runs `concurrency` jobs at a time. A queue for each type, as it wants it.
 * Finished jobs are kept. PostgreSQL syncs every commit.
 */
export function pgBoss({ socketFolder, pid }: PostgresAddress): Contender {
  return {
    name: "pg-boss",
    slowness: 2,
    server: () => usageOf(pid),
    open: (setting) => openPgBoss(socketFolder, setting),
  };
}

async function openPgBoss(socketFolder: string, { concurrency, types, data }: Setting): Promise<Subject> {
  await using stack = new AsyncDisposableStack();
  const database = stack.use(await createDatabase(socketFolder));
  const boss = new PgBoss({
    connectionString: database.url,
    useListenNotify: true,
    schedule: false,
    supervise: false,
  });
  boss.on("error", (error) => console.error(error));
  await boss.start();
  stack.defer(() => boss.stop({ graceful: false, close: true }));
  for (const type of types) await boss.createQueue(type, { notify: true });
  const [first = ""] = types;
  const limit = Math.max(1, Math.floor(concurrency / types.length));
  const owned = stack.move();
  return {
    add: () => boss.send(first, data),
    addMany: (count) =>
      Promise.all(types.map((type, i) => {
        const share = Math.floor(count / types.length) + (i < count % types.length ? 1 : 0);
        return boss.insert(type, Array.from({ length: share }, () => ({ data })));
      })),
    async run(handler) {
      for (const type of types) {
        await boss.work(
          type,
          { batchSize: BATCH, burstWhenBatchFull: true, pollingIntervalSeconds: 0.5 },
          async (jobs) => {
            for (let i = 0; i < jobs.length; i += limit) {
              await Promise.all(jobs.slice(i, i + limit).map(handler));
            }
          },
        );
      }
    },
    async settled() {
      const open = "select 1 from pgboss.job where state < 'completed' limit 1";
      while ((await database.pool.query(open)).rowCount !== 0) await clock.sleep(LOOK_EVERY);
    },
    close: () => owned.disposeAsync(),
  };
}
