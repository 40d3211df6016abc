import { EARLIEST, LATEST } from "./calendar.ts";

/** A stretch of time in which a zone's clocks go on evenly. Milliseconds since the Unix epoch. */
export interface Segment {
  /** The first moment; `-Infinity` if it has no beginning. */
  readonly start: number;
  /** The first moment after it; `Infinity` if it has no end. */
  readonly end: number;
  /** What clocks show minus UTC. */
  readonly offset: number;
  /**
   * What clocks would have shown at `start` without the change, in milliseconds since 1970-01-01 00:00 on them. What they
   * show at `start` is less than that where times repeat, and more where times are left out.
   */
  readonly floor: number;
}

const NANOSECONDS = 1_000_000;
/** Segments kept for a zone, about two a year. */
const MOST_SEGMENTS = 2000;
/** Zones kept. */
const MOST_ZONES = 128;

const UTC: Segment = { start: -Infinity, end: Infinity, offset: 0, floor: -Infinity };

/** The changes of a time zone, looked up when they are first asked for and then remembered. */
export class Zone {
  /** Sorted by time, with holes. */
  readonly #segments: Segment[];
  #last: Segment | undefined;

  /** @param name A valid one; see `zoneOf`. */
  constructor(readonly name: string) {
    this.#segments = name === "UTC" ? [UTC] : [];
  }

  /** The segment that `time` is in. */
  at(time: number): Segment {
    const last = this.#last;
    if (last !== undefined && time >= last.start && time < last.end) return last;
    return this.#last = this.#find(time);
  }

  #find(time: number): Segment {
    let low = 0;
    for (let high = this.#segments.length; low < high;) {
      const middle = (low + high) >>> 1;
      if ((this.#segments[middle]?.start ?? Infinity) <= time) low = middle + 1;
      else high = middle;
    }
    const known = this.#segments[low - 1];
    if (known !== undefined && time < known.end) return known;
    const segment = lookUp(this.name, time);
    if (this.#segments.length < MOST_SEGMENTS) this.#segments.splice(low, 0, segment);
    else this.#segments.splice(0, Infinity, segment);
    return segment;
  }
}

const zones = new Map<string, Zone>();

/**
 * Returns the zone of that name, in any case: an IANA name, old ones too, or an offset such as `+05:30`. Null if there
 * is none.
 */
export function zoneOf(name: string): Zone | null {
  const key = name.toUpperCase();
  const known = zones.get(key);
  if (known !== undefined) return known;
  const proper = properName(name);
  if (proper === null) return null;
  const zone = new Zone(proper);
  if (zones.size >= MOST_ZONES) zones.clear();
  zones.set(key, zone);
  return zone;
}

/** The name as the zone database writes it. Only names: `Temporal` would also take a date with a zone. */
function properName(name: string): string | null {
  if (/^UTC$/i.test(name)) return "UTC";
  if (name.length > 64 || !/^(?:[A-Za-z][\w+/-]*|[+-]\d\d(?::?\d\d)?)$/.test(name)) return null;
  try {
    return moment(name, 0).timeZoneId;
  } catch {
    return null;
  }
}

function lookUp(name: string, time: number): Segment {
  const bounded = Math.min(Math.max(time, EARLIEST), LATEST);
  const here = moment(name, bounded);
  const end = here.getTimeZoneTransition("next")?.epochMilliseconds ?? Infinity;
  const next = moment(name, Math.min(bounded + 1, LATEST)); // so that "previous" includes a change at this moment
  const start = next.getTimeZoneTransition("previous")?.epochMilliseconds ?? -Infinity;
  const before = start === -Infinity ? here : moment(name, start - 1);
  return {
    start,
    end,
    offset: here.offsetNanoseconds / NANOSECONDS,
    floor: start + before.offsetNanoseconds / NANOSECONDS,
  };
}

function moment(name: string, time: number): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(time).toZonedDateTimeISO(name);
}
