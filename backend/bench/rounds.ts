import { Crew } from "./crew.ts";
import type { Measure } from "./measures.ts";
import type { Origin } from "./origins.ts";
import { Results } from "./results.ts";
import type { Effort, Reading } from "./tasks.ts";

/** How much is measured of schedules, which need no warming up. */
const SCHEDULING = { ticks: 310, schedules: 10_000, resting: 20_000 };
const LITTLE_SCHEDULING = { ticks: 20, schedules: 500, resting: 1000 };
const NO_SCHEDULING = { ticks: 0, schedules: 0, resting: 0 };

/** How much is measured, and what comes before and is not counted: enough for the compiler to be done. */
export const EFFORTS: Readonly<Record<"normal" | "small", { counted: Effort; warmUp: Effort }>> = {
  normal: {
    counted: { adding: 700, bulk: 10_000, jobs: 20_000, idle: 150, many: 1_000_000, ...SCHEDULING },
    warmUp: { adding: 500, bulk: 10_000, jobs: 10_000, idle: 50, many: 0, ...NO_SCHEDULING },
  },
  small: {
    counted: { adding: 50, bulk: 500, jobs: 1000, idle: 10, many: 10_000, ...LITTLE_SCHEDULING },
    warmUp: { adding: 20, bulk: 200, jobs: 200, idle: 3, many: 0, ...NO_SCHEDULING },
  },
};

/** What `runRounds` is given. */
export interface RoundsOptions {
  /** The first is held against the others. */
  origins: readonly Origin[];
  measures: readonly Measure[];
  effort: keyof typeof EFFORTS;
  rounds: number;
  /** Where folders are made for measurements. */
  folder: string;
  /** Ends the processes that measure. */
  stack: AsyncDisposableStack;
  onProgress(line: string): void;
}

/** What came of the rounds. */
export interface RoundsResult {
  results: Results;
  /** What could not be measured, and why. */
  notes: string[];
}

/**
 * Measures all contenders by turns, round after round, each in a process of its own.
 *
 * On a machine that others use too, numbers move from minute to minute and only what was measured side by side can
 * be compared: so a ratio is the median of the rounds' own ratios. Every other round goes the other way round.
 *
 * @throws {Error} The first contender cannot be measured. If another cannot, that is a note.
 */
export async function runRounds(options: RoundsOptions): Promise<RoundsResult> {
  const { origins, measures, rounds, folder, stack, onProgress } = options;
  const { counted, warmUp } = EFFORTS[options.effort];
  const results = new Results(origins.map(({ name }) => name));
  const notes: string[] = [];
  const crews = origins.map((origin) => stack.use(new Crew(origin, folder)));
  const [first] = crews;
  for (const measure of measures) {
    onProgress(measure.name);
    let able = crews.filter(({ origin }) => !measure.isHeavy || origin.kind === "product");
    const attempt = async (crew: Crew, effort: Effort): Promise<Reading[]> => {
      try {
        const readings = await crew.withFolder((own) => measure.run(crew, own, effort));
        if (readings !== null) return readings;
      } catch (error) {
        if (crew === first || !(error instanceof Error)) throw error;
        notes.push(`${crew.origin.name}, ${measure.name}: ${error.message}`);
      }
      able = able.filter((other) => other !== crew);
      return [];
    };
    if (measure.warmsUp) {
      for (const crew of able) await attempt(crew, warmUp);
    }
    for (let round = 0; round < rounds; round++) {
      for (const crew of round % 2 === 0 ? able : able.toReversed()) {
        for (const reading of await attempt(crew, counted)) results.add(crew.origin.name, round, reading);
      }
    }
  }
  return { results, notes };
}
