import fc from "fast-check";
import { systemClock } from "../../lib/clock.ts";
import { runs, type Step } from "./steps.ts";
import { World } from "./world.ts";

/** How long and how often the store is compared with its model. */
export interface CheckOptions {
  /** The same seed gives the same runs. @default a random one */
  seed?: number;
  /** @default 40 */
  runs?: number;
  /** Steps of a run at the most. @default 60 */
  steps?: number;
}

/** How long one run may take before it counts as hanging, milliseconds. */
const HANGS_AFTER = 20_000;
/** How long a shorter run that fails too is looked for, milliseconds. */
const SHRINKS_FOR = 60_000;

/**
 * Compares the KV store with the memory store, its model, over random runs of several processes with faults.
 *
 * @throws {Error} They differ: the message holds the seed and the shortest run found that shows it.
 */
export async function checkModel(options: CheckOptions = {}): Promise<void> {
  const seed = options.seed ?? Math.floor(Math.random() * 2 ** 31);
  console.log(`model: seed ${seed}, ${options.runs ?? 40} runs of up to ${options.steps ?? 60} steps`);
  let failedAt: number | null = null;
  const property = fc.asyncProperty(runs(options.steps ?? 60), async (steps) => {
    if (failedAt !== null && systemClock.monotonic() - failedAt > SHRINKS_FOR) return;
    try {
      await replay(steps);
    } catch (error) {
      failedAt ??= systemClock.monotonic();
      throw error;
    }
  });
  await fc.assert(property, {
    seed,
    numRuns: options.runs ?? 40,
    timeout: HANGS_AFTER,
    reporter: (details) => {
      if (!details.failed) return;
      const run = JSON.stringify(details.counterexample?.[0]);
      const message =
        `The store differs from its model (seed ${details.seed}, run ${details.numRuns}). Replay: ${run}`;
      throw new Error(message, { cause: details.errorInstance });
    },
  });
}

/** Does the steps of one run on both sides. @throws {AssertionError} They differ. */
export async function replay(steps: readonly Step[]): Promise<void> {
  const world = new World();
  await world.open();
  try {
    for (const [i, step] of steps.entries()) {
      try {
        await world.run(step);
      } catch (cause) {
        throw new Error(`Step ${i} ${JSON.stringify(step)}: ${messageOf(cause)}`, { cause });
      }
    }
    await world.end();
  } finally {
    await world.dispose();
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
