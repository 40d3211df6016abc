import { Logger, makeWorkerUtils, run, type Runner, type TaskList } from "graphile-worker";
import { systemClock as clock } from "../lib/clock.ts";
import type { Contender, Setting, Subject } from "./contender.ts";
import { createDatabase, type PostgresAddress } from "./postgres-database.ts";
import { usageOf } from "./server-use.ts";

/** Jobs it fetches and locks at once. */
const LOCAL_QUEUE = 500;
/** Milliseconds between two looks whether all outcomes are stored. */
const LOOK_EVERY = 2;
const QUIET = new Logger(() => () => {});

/**
 * graphile-worker as its guide tunes it for throughput: a local queue of 500 jobs, and outcomes that are stored
 * together (`completeJobBatchDelay: 0`). It deletes finished jobs. PostgreSQL syncs every commit.
 */
export function graphile({ socketFolder, pid }: PostgresAddress): Contender {
  return {
    name: "graphile-worker",
    server: () => usageOf(pid),
    open: (setting) => openGraphile(socketFolder, setting),
  };
}

async function openGraphile(
  socketFolder: string,
  { concurrency, types, data }: Setting,
): Promise<Subject> {
  await using stack = new AsyncDisposableStack();
  const database = stack.use(await createDatabase(socketFolder));
  const utils = await makeWorkerUtils({ connectionString: database.url, logger: QUIET });
  stack.defer(() => utils.release());
  await utils.migrate();
  const typeOf = (i: number) => types[i % types.length] ?? "";
  const owned = stack.move();
  let runner: Runner | null = null;
  return {
    add: () => utils.addJob(typeOf(0), data),
    addMany: (count) =>
      utils.addJobs(Array.from({ length: count }, (_, i) => ({ identifier: typeOf(i), payload: data }))),
    async run(handler) {
      const task = () => handler();
      const taskList: TaskList = Object.fromEntries(types.map((type) => [type, task]));
      runner = await run({
        taskList,
        noHandleSignals: true,
        preset: {
          worker: {
            connectionString: database.url,
            concurrentJobs: concurrency,
            maxPoolSize: 10,
            logger: QUIET,
            localQueue: { size: LOCAL_QUEUE },
            completeJobBatchDelay: 0,
            failJobBatchDelay: 0,
          },
        },
      });
    },
    async settled() {
      while (
        (await database.pool.query("select 1 from graphile_worker._private_jobs limit 1")).rowCount !== 0
      ) {
        await clock.sleep(LOOK_EVERY);
      }
    },
    async close() {
      await runner?.stop();
      await owned.disposeAsync();
    },
  };
}
