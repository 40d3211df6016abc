/**
 * Holds the search against one that is simple and slow: it walks minute by minute through `Intl`, and takes an
 * expression not from its text but from the draws that the text was made of.
 */
import { assert, assertEquals } from "@std/assert";
import { Random } from "../testing/crash/random.ts";
import { drawCron, type DrawnCron } from "../testing/random-cron.ts";
import { type Cron, type DstPolicy, parseCron } from "./cron.ts";

const MINUTE = 60_000;
const DAY = 86_400_000;
/** Zones, each with moments near which its clocks change. */
const ZONES: readonly (readonly [zone: string, ...near: string[]])[] = [
  ["America/New_York", "2026-03-08", "2026-11-01", "2007-03-11", "2006-10-29"],
  ["Europe/London", "2026-03-29", "2026-10-25", "1971-10-31"],
  ["Europe/Dublin", "2026-03-29", "2026-10-25"],
  ["Australia/Lord_Howe", "2026-04-05", "2026-10-04"],
  ["Australia/Sydney", "2026-04-05", "2026-10-04"],
  ["Pacific/Chatham", "2026-04-05", "2026-09-27"],
  ["Pacific/Apia", "2011-12-30", "2012-04-01"],
  ["Antarctica/Troll", "2026-03-29", "2026-10-25"],
  ["Africa/Casablanca", "2026-02-15", "2026-03-22"],
  ["Asia/Beirut", "2026-03-29", "2026-10-25"],
  ["America/Havana", "2026-03-08", "2026-11-01"],
  ["America/St_Johns", "1988-04-03", "2006-10-29"],
  ["Antarctica/Vostok", "1994-02-01", "1994-11-01"],
  ["Pacific/Kwajalein", "1993-08-21"],
  ["Asia/Kolkata", "2026-01-01"],
  ["UTC", "2026-02-28"],
];

/** What the clocks of a zone show, minute by minute, as if it were UTC. */
function walk(zone: string, from: number, to: number): Map<number, number> {
  const format = new Intl.DateTimeFormat("sv-SE", {
    timeZone: zone,
    dateStyle: "short",
    timeStyle: "medium",
  });
  const shown = new Map<number, number>();
  for (let time = from; time < to; time += MINUTE) {
    shown.set(time, Date.parse(`${format.format(time).replace(" ", "T")}Z`));
  }
  return shown;
}

/** The times that an expression must give among the minutes of a walk, but for its first day. */
function slowTimes(
  expression: DrawnCron,
  dst: DstPolicy,
  shown: ReadonlyMap<number, number>,
): number[] {
  const times: number[] = [];
  const seen = new Set<number>();
  const [begin = 0] = shown.keys();
  const fits = new Map<number, boolean>();
  const has = (wall: number) => {
    const known = fits.get(wall) ?? expression.has(new Date(wall));
    fits.set(wall, known);
    return known;
  };
  for (const [time, wall] of shown) {
    const before = shown.get(time - MINUTE) ?? wall - MINUTE;
    let isDue = has(wall) && (expression.isWild || dst === "both" || !seen.has(wall));
    if (!expression.isWild && dst !== "skip") {
      for (let left = before + MINUTE; left < wall; left += MINUTE) {
        const midnight = Math.floor(left / DAY) * DAY;
        const isWholeDay = midnight > before && midnight + DAY <= wall;
        if (!isWholeDay && has(left)) isDue = true;
      }
    }
    seen.add(wall);
    if (isDue && time >= begin + DAY) times.push(time);
  }
  return times;
}

function* timesOf(cron: Cron, from: number, to: number): Generator<number> {
  for (let time = cron.next(new Date(from - 1)); time !== null; time = cron.next(time)) {
    if (time.getTime() >= to) return;
    yield time.getTime();
  }
}

Deno.test("next(), prev() and matches() agree with a walk minute by minute, over random expressions and zones", () => {
  const random = new Random(20_260_308);
  let compared = 0;
  for (const [zone, ...near] of ZONES) {
    const windows = [
      ...near.map((day) => Date.parse(`${day}T00:00Z`) - 2 * DAY),
      Date.UTC(random.between(1970, 2037), random.between(0, 11), 1),
    ];
    for (const from of windows) {
      const to = from + 4 * DAY;
      const shown = walk(zone, from, to);
      for (let i = 0; i < 14; i++) {
        const expression = drawCron(random);
        const dst = random.pick<DstPolicy>(["vixie", "vixie", "skip", "both"]);
        const name = `${expression.text} in ${zone}, ${dst}, from ${new Date(from).toISOString()}`;
        const cron = parseCron(expression.text, { timezone: zone, dst });
        const slow = slowTimes(expression, dst, shown);

        assertEquals([...timesOf(cron, from + DAY, to)], slow, name);
        const back: number[] = [];
        for (
          let time = cron.prev(new Date(to));
          time !== null && time.getTime() >= from + DAY;
          time = cron.prev(time)
        ) {
          back.push(time.getTime());
        }
        assertEquals(back.reverse(), slow, `${name}, backwards`);
        const all = new Set(slow);
        for (const time of shown.keys()) {
          if (time >= from + DAY && cron.matches(new Date(time)) !== all.has(time)) {
            assert(false, `${name} at ${time}`);
          }
        }
        compared += slow.length;
      }
    }
  }
  assert(compared > 8000, String(compared));
});

Deno.test("next() is strictly later, prev() strictly earlier, nothing lies between, and both match, anywhere in time", () => {
  const random = new Random(7);
  for (let i = 0; i < 3000; i++) {
    const { text } = drawCron(random);
    const [timezone] = random.pick(ZONES);
    const dst = random.pick<DstPolicy>(["vixie", "skip", "both"]);
    const cron = parseCron(random.chance(0.3) ? `${random.between(0, 59)}/7 ${text}` : text, {
      timezone,
      dst,
    });
    const time = new Date(Math.floor((random.next() - 0.3) * 1e13 * (random.chance(0.05) ? 800 : 1)));
    const name = `${cron.expression} in ${timezone}, ${dst}, at ${time.toISOString()}`;

    const next = cron.next(time);
    const prev = cron.prev(time);
    if (cron.neverFires) assertEquals([next, prev], [null, null], name);
    if (next !== null) {
      assert(next > time && next.getTime() % 1000 === 0, name);
      assert(cron.matches(next), name);
      const back = cron.prev(next);
      assert(back === null || back <= time, name);
      assertEquals(cron.next(new Date(next.getTime() - 1)), next, name);
    }
    if (prev !== null) {
      assert(prev < time && cron.matches(prev), name);
      const on = cron.next(prev);
      assert(on === null || on >= time, name);
    }
    assertEquals(
      cron.matches(time),
      time.getTime() % 1000 === 0 && cron.next(new Date(time.getTime() - 1))?.getTime() === time.getTime(),
    );
  }
});

Deno.test("next() is exact to the millisecond", () => {
  const cron = parseCron("*/10 * * * * *", { timezone: "America/New_York" });
  const due = Date.UTC(2026, 0, 1, 0, 0, 10);
  const after = (time: number) => cron.next(new Date(time))!.getTime() - due;

  assertEquals([-10_000, -9999, -1000, -1, 0, 1, 999, 9999].map((offset) => after(due + offset)), [
    0,
    0,
    0,
    0,
    10_000,
    10_000,
    10_000,
    10_000,
  ]);
  assertEquals([cron.matches(new Date(due)), cron.matches(new Date(due + 1))], [true, false]);
});
