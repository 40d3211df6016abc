import { DAY, EARLIEST, LATEST } from "./calendar.ts";
import type { WallTimes } from "./wall.ts";
import type { Segment, Zone } from "./zone.ts";

/** Finds the times of an expression. Milliseconds since the Unix epoch. */
export interface Times {
  /** The first that is later than `after`; `Infinity` if there is none. */
  next(after: number): number;
  /** The last that is earlier than `before`; `-Infinity` if there is none. */
  prev(before: number): number;
  has(time: number): boolean;
  /** What the changes of the clocks after `after`, up to `until`, do to them. */
  changes(after: number, until: number): ClockChange[];
}

/** A change of the clocks that times of an expression meet. */
export interface ClockChange {
  /** When the clocks are changed. */
  readonly at: number;
  /**
   * moved: times are left out, and run once at the change. skipped: times are left out, and do not run. twice: times
   * repeat, and run at both passes.
   */
  readonly effect: "moved" | "skipped" | "twice";
  /** The first of those times; like the next two in milliseconds since 1970-01-01 00:00 on the clocks. */
  readonly time: number;
  /** What the clocks would have shown at the change. */
  readonly from: number;
  /** What they show then. */
  readonly to: number;
}

/** What becomes of times that a change of the clocks leaves out or repeats. */
export interface ChangeRule {
  /** Repeated times run at both passes, not only at the first. */
  repeats: boolean;
  /** Times left out run, once for all of them, when the clocks have gone forward. */
  catchesUp: boolean;
}

/** After so long the calendar is the same again, weekdays and leap days included. */
const WHOLE_CALENDAR = 146_097 * DAY;
/** More than any clock differs from UTC, in either direction, and than any change of it. */
const MARGIN = 2 * DAY;
/** Changes of the clocks that are looked at, about thirty years of them. */
const MOST_CHANGES = 64;

/**
 * The moments at which a zone's clocks show the times of an expression, by the changes of those clocks.
 *
 * It goes from one segment of the zone to the next, and over those in which there is no time, so that a search for a
 * day decades away costs as little as one for tomorrow. A schedule whose times are all left out, such as 02:30 on
 * every day on which clocks go forward, is given up after 400 years.
 */
export class ZonedTimes implements Times {
  readonly #wall: WallTimes;
  readonly #zone: Zone;
  readonly #rule: ChangeRule;

  constructor(wall: WallTimes, zone: Zone, rule: ChangeRule) {
    this.#wall = wall;
    this.#zone = zone;
    this.#rule = rule;
  }

  next(after: number): number {
    const first = Math.floor(after / 1000) * 1000 + 1000;
    const limit = Math.min(first + WHOLE_CALENDAR, LATEST);
    let segment = this.#zone.at(first);
    if (first === segment.start && this.#catchesUpAt(segment)) return first;
    let from = first + segment.offset;
    for (;;) {
      const lowest = this.#rule.repeats ? from : Math.max(from, segment.floor);
      const end = segment.end + segment.offset;
      const time = this.#wall.next(lowest);
      if (time < end) return time - segment.offset;
      if (segment.end > limit) return Infinity;
      segment = this.#zone.at(segment.end);
      if (this.#catchesUpAt(segment)) return segment.start;
      from = segment.start + segment.offset;
      if (from < lowest || time - end <= MARGIN + DAY) continue; // times repeat, or the next may be in this segment
      if (time === Infinity) return Infinity;
      segment = this.#zone.at(time - MARGIN);
      from = time - MARGIN + segment.offset;
    }
  }

  prev(before: number): number {
    const last = Math.ceil(before / 1000) * 1000 - 1000;
    const limit = Math.max(last - WHOLE_CALENDAR, EARLIEST);
    let segment = this.#zone.at(last);
    let upTo = last + segment.offset;
    for (;;) {
      const { start, offset, floor } = segment;
      const lowest = this.#rule.repeats ? start + offset : Math.max(start + offset, floor);
      const time = this.#wall.prev(upTo);
      if (time >= lowest) return time - offset;
      if (this.#catchesUpAt(segment)) return start;
      if (start < limit) return -Infinity;
      if (floor - 1000 > upTo || lowest - time <= MARGIN + DAY) { // times repeat, or the one before may be the next
        segment = this.#zone.at(start - 1000);
        upTo = floor - 1000;
        continue;
      }
      if (time === -Infinity) return -Infinity;
      segment = this.#zone.at(time + MARGIN);
      upTo = time + MARGIN + segment.offset;
    }
  }

  has(time: number): boolean {
    if (time % 1000 !== 0) return false;
    const segment = this.#zone.at(time);
    const shown = time + segment.offset;
    if ((this.#rule.repeats || shown >= segment.floor) && this.#wall.next(shown) === shown) return true;
    return time === segment.start && this.#catchesUpAt(segment);
  }

  changes(after: number, until: number): ClockChange[] {
    const found: ClockChange[] = [];
    const isWild = this.#rule.repeats && !this.#rule.catchesUp; // no time of its own is left out or repeats
    let { end } = this.#zone.at(after);
    for (let looked = 0; end <= until && !isWild && looked < MOST_CHANGES; looked++) {
      const segment = this.#zone.at(end);
      const change = this.#changeAt(segment);
      if (change !== null) found.push(change);
      end = segment.end;
    }
    return found;
  }

  #changeAt(segment: Segment): ClockChange | null {
    const { start, offset, floor } = segment;
    const shown = start + offset;
    const time = this.#wall.next(Math.min(floor, shown));
    if (time >= Math.max(floor, shown) || (floor > shown && !this.#rule.repeats)) return null;
    const effect = floor > shown ? "twice" : this.#catchesUpAt(segment) ? "moved" : "skipped";
    return { at: start, effect, time, from: floor, to: shown };
  }

  /**
   * Tells whether times were left out when `segment` began that now run, at its first moment. Not those of a whole day
   * that was left out, as when a zone moves to the other side of the date line: that date never was.
   */
  #catchesUpAt({ start, offset, floor }: Segment): boolean {
    const shown = start + offset;
    if (!this.#rule.catchesUp || floor >= shown) return false;
    let time = this.#wall.next(floor);
    while (time < shown) {
      const midnight = Math.floor(time / DAY) * DAY;
      if (midnight < floor || midnight + DAY > shown) return true;
      time = this.#wall.next(midnight + DAY);
    }
    return false;
  }
}
