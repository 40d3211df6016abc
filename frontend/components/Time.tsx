/** @jsxImportSource preact */
import { formatDuration, formatUtc } from "../lib/format.ts";
import { formatTime } from "../lib/format-time.ts";
import { usePage } from "../lib/page-info.ts";

/** A moment in the viewer's zone, in UTC for who hovers. `isBrief`: without the day if that is today. */
export function Time({ at, now, isBrief = false }: { at: string; now: number; isBrief?: boolean }) {
  const { zone } = usePage();
  const [day, ...rest] = formatTime(at, zone, now).split(/, (?=\d\d:)/);
  const isToday = isBrief && formatTime(now, zone, now).startsWith(`${day}, `);
  return <time dateTime={at} title={formatUtc(at)}>{(isToday ? rest : [day, ...rest]).join(", ")}</time>;
}

/** How long it is until a moment, from `now` on: in a part of a page that only the server renders it ticks. */
export function Until({ at, now }: { at: string; now: number }) {
  const left = formatDuration(Date.parse(at) - now);
  return <time dateTime={at} title={formatUtc(at)} data-until="">{left}</time>;
}

/** How long ago a moment is at `now`. */
export function Age({ at, now }: { at: string; now: number }) {
  return <time dateTime={at} title={formatUtc(at)}>{formatDuration(now - Date.parse(at))}</time>;
}

/** A time near `now` at which the age is a whole number of its largest unit: ages that grow are calmer so. */
export function roundAge(at: string, now: number): number {
  const start = Date.parse(at);
  const age = Math.max(0, now - start);
  const unit = [86_400_000, 3_600_000, 60_000].find((size) => age >= size) ?? 1000;
  return start + Math.floor(age / unit) * unit;
}
