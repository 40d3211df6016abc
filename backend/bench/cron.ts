/**
 * Measures cron expressions beside the libraries that people use: `deno task bench:cron --rounds 9`.
 *
 * All are measured by turns in one process, so that what else the machine does meets them alike; a ratio is the median
 * of the rounds' own ratios, and above 1 this program is faster. A "–" is what a library cannot do.
 */
import { Command } from "commander";
import { systemClock as clock } from "../lib/clock.ts";
import { CRON_CONTENDERS, type CronContender } from "./cron-contenders.ts";
import { wholeNumber } from "./flags.ts";
import { formatRatio, Results } from "./results.ts";
import { formatTable } from "./table.ts";

const EXPRESSIONS = [
  "*/5 * * * *",
  "30 2 * * MON-FRI",
  "0 0 1,15 * *",
  "15 10 * * 1-5",
  "0 9-17 * JAN-JUN MON",
];
const NEVER = "0 0 31 2 *";
const START = new Date("2026-01-01T00:00:00Z");
/** Times found one after the other before a search begins again at `START`: some 40 years for the rarest. */
const CHAIN = 1000;

/** What is measured: a call that is made over and over. */
interface CronMeasure {
  label: string;
  /** How often a call does what is counted. */
  counts: number;
  /** @returns Null if the contender cannot do it. */
  prepare(contender: CronContender): (() => void) | null;
}

const LABELS = {
  zoned: "next() in America/New_York",
  utc: "next() in UTC",
  parse: "parse",
  never: `parse and next() of ${NEVER}`,
};

const MEASURES: readonly CronMeasure[] = [
  {
    label: LABELS.zoned,
    counts: EXPRESSIONS.length,
    prepare: (contender) => chain(contender, "America/New_York"),
  },
  { label: LABELS.utc, counts: EXPRESSIONS.length, prepare: (contender) => chain(contender, "UTC") },
  {
    label: LABELS.parse,
    counts: EXPRESSIONS.length,
    prepare: ({ parse }) => () => EXPRESSIONS.forEach((expression) => parse(expression, "America/New_York")),
  },
  { label: LABELS.never, counts: 1, prepare: never },
];

/** What was promised of them. */
const GOALS: readonly (readonly [label: string, ratio: number])[] = [[LABELS.zoned, 20], [LABELS.parse, 3]];

/** Milliseconds for one measurement. */
const DURATION = 100;

if (import.meta.main) {
  const { rounds } = new Command("deno task bench:cron")
    .description("Measures how fast cron expressions are read and their next times found")
    .option("--rounds <n>", "how often everything is measured", wholeNumber, 5)
    .parse(Deno.args, { from: "user" }).opts<{ rounds: number }>();
  console.log(compare(rounds));
}

function compare(rounds: number): string {
  const results = new Results(CRON_CONTENDERS.map(({ name }) => name));
  for (const { label, counts, prepare } of MEASURES) {
    const able = CRON_CONTENDERS.flatMap((contender) => {
      const call = prepare(contender);
      return call === null ? [] : [{ name: contender.name, call }];
    });
    for (const { call } of able) callsPerSecond(call); // the compiler's time is not counted
    for (let round = 0; round < rounds; round++) {
      for (const { name, call } of round % 2 === 0 ? able : able.toReversed()) {
        results.add(name, round, { label, unit: "/s", value: callsPerSecond(call) * counts });
      }
    }
  }
  const goals = GOALS.map(([label, goal]) => {
    const ratio = results.ratio(label, "croner");
    return [`${label}, to croner`, formatRatio(ratio), String(goal), ratio >= goal ? "holds" : "missed"];
  });
  return `${results.format()}\n\n${formatTable(["goal", "found", "at least", ""], goals)}`;
}

/** Goes on from time to time with each expression by turns. */
function chain({ parse, hasZones }: CronContender, timezone: string): (() => void) | null {
  if (!hasZones && timezone !== "UTC") return null;
  const all = EXPRESSIONS.map((expression) => ({ find: parse(expression, timezone), at: START }));
  let left = CHAIN;
  return () => {
    if (left-- === 0) {
      for (const one of all) one.at = START;
      left = CHAIN;
    }
    for (const one of all) one.at = one.find(one.at) ?? START;
  };
}

/** Reads the expression too, since some find out there; an error is an answer as well. */
function never({ parse, searchesForever = false }: CronContender): (() => void) | null {
  if (searchesForever) return null;
  return () => {
    try {
      if (parse(NEVER, "UTC")(START) !== null) throw new Error(`Cannot measure: ${NEVER} was found`);
    } catch (error) {
      if (!(error instanceof Error) || error.message.startsWith("Cannot measure")) throw error;
    }
  };
}

function callsPerSecond(call: () => void): number {
  const began = clock.monotonic();
  let calls = 0;
  let passed = 0;
  do {
    for (let i = 0; i < 10; i++) call();
    calls += 10;
    passed = clock.monotonic() - began;
  } while (passed < DURATION);
  return calls / passed * 1000;
}
