/** How bars are placed: x in hundredths of the width, y in pixels. */
import type { Bar } from "./overview.ts";

/** Heights in pixels: where the zero line is, and how far bars reach from it. */
export const ZERO = 184;
export const UP = 160;
const DOWN = 32;

/** Failures are drawn larger than what completed, but not more than so: a handful must not look like many. */
const MAGNIFIED = 20;

const STEPS = [1, 1.5, 2, 3, 4, 5, 6, 8];

/** The least round number that is not below `count`. */
export function roundUp(count: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, count)));
  return power * (STEPS.find((step) => step * power >= count && Number.isInteger(step * power)) ?? 10);
}

/** A bar as it is drawn; heights in pixels, 0: nothing. */
export interface Shape {
  up: number;
  down: number;
}

/** What `bars` look like, and the number that a bar of full height stands for. */
export function shapesOf(bars: readonly Bar[]): { top: number; shapes: Shape[] } {
  const top = roundUp(Math.max(...bars.map(({ completed }) => completed)));
  const bottom = Math.max(roundUp(Math.max(...bars.map(({ failed }) => failed))), top / MAGNIFIED);
  const height = (count: number, most: number, full: number) =>
    count === 0 ? 0 : Math.max(2, Math.round(count / most * full));
  return {
    top,
    shapes: bars.map(({ completed, failed }) => {
      return { up: height(completed, top, UP), down: height(failed, bottom, DOWN) };
    }),
  };
}

/** A place on the time axis. */
export interface Tick {
  /** Which bar begins there. */
  index: number;
  text: string;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Where `bars` begin, and the round times of `zone` among them: tens of minutes, every fourth hour, or midnights. */
export function ticksOf(bars: readonly Bar[], step: number, zone: string): Tick[] {
  const clock = new Intl.DateTimeFormat("en", {
    timeZone: zone,
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  });
  const day = new Intl.DateTimeFormat("en", { timeZone: zone, month: "short", day: "numeric" });
  return bars.flatMap(({ at }, index) => {
    const time = clock.format(at);
    const isRound = step > HOUR
      ? time < "02:00"
      : step > MINUTE
      ? /(?:[02][048]|1[26]):00/.test(time)
      : time.endsWith("0");
    return isRound || index === 0 ? [{ index, text: step > HOUR ? day.format(at) : time }] : [];
  });
}
