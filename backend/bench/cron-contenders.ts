import { Cron as Croner } from "croner";
import { CronExpressionParser } from "cron-parser";
import { parseCronExpression } from "cron-schedule";
import cronosjs from "cronosjs";
import { parseCron } from "../lib/cron.ts";

/** A cron library to be measured. */
export interface CronContender {
  readonly name: string;
  /** False: it knows no zone but the machine's. */
  readonly hasZones: boolean;
  /** True: it searches without end where there is no such date. */
  readonly searchesForever?: boolean;
  /** Reads an expression for a zone. */
  parse(expression: string, timezone: string): Finder;
}

/** Finds the next time after another; null if there is none. */
export type Finder = (after: Date) => Date | null;

/** This program's own first. */
export const CRON_CONTENDERS: readonly CronContender[] = [
  {
    name: "cronosaur",
    hasZones: true,
    parse(expression, timezone) {
      const cron = parseCron(expression, { timezone });
      return (after) => cron.next(after);
    },
  },
  {
    name: "croner",
    hasZones: true,
    parse(expression, timezone) {
      const cron = new Croner(expression, { timezone, paused: true });
      return (after) => cron.nextRun(after);
    },
  },
  {
    name: "cron-parser",
    hasZones: true,
    parse(expression, tz) {
      const cron = CronExpressionParser.parse(expression, { tz });
      return (after) => {
        cron.reset(after);
        return cron.next().toDate();
      };
    },
  },
  {
    name: "cron-schedule",
    hasZones: false,
    parse(expression) {
      const cron = parseCronExpression(expression);
      return (after) => cron.getNextDate(after);
    },
  },
  {
    name: "cronosjs",
    hasZones: true,
    searchesForever: true,
    parse(expression, timezone) {
      const cron = cronosjs.CronosExpression.parse(expression, { timezone });
      return (after) => cron.nextDate(after);
    },
  },
];
