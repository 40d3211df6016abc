import { assert, assertEquals } from "@std/assert";
import { EARLIEST, LATEST } from "./calendar.ts";
import { Zone, zoneOf } from "./zone.ts";

const HOUR = 3_600_000;

Deno.test("Zone.at() gives the stretch between two changes, and what clocks showed before it", () => {
  const zone = new Zone("America/New_York");
  const start = Date.UTC(2026, 2, 8, 7);
  const summer = { start, end: Date.UTC(2026, 10, 1, 6), offset: -4 * HOUR, floor: start - 5 * HOUR };

  for (const time of [start, start + 1, Date.UTC(2026, 6, 1), summer.end - 1]) {
    assertEquals(zone.at(time), summer);
  }
  assertEquals(zone.at(start - 1).end, start);
  assertEquals(zone.at(summer.end).start, summer.end);
});

Deno.test("Zone.at() agrees with Intl wherever it is asked, in any order", () => {
  for (
    const name of ["America/New_York", "Europe/Dublin", "Africa/Casablanca", "Pacific/Apia", "Asia/Kathmandu"]
  ) {
    const zone = new Zone(name);
    const format = new Intl.DateTimeFormat("en-US", { timeZone: name, timeZoneName: "longOffset" });
    for (let i = 0; i < 800; i++) {
      const time = Date.UTC(1880, 0, 1) + (i * 7919 % 800) * 97 * 24 * HOUR;
      const [, sign = "+", h = "0", m = "0", s = "0"] = /GMT(?:([+-])(\d+):(\d+)(?::(\d+))?)?$/.exec(
        format.format(time),
      )!;
      const offset = Number(`${sign}1`) * (Number(h) * HOUR + Number(m) * 60_000 + Number(s) * 1000);

      assertEquals(zone.at(time).offset, offset, `${name} ${new Date(time).toISOString()}`);
    }
  }
});

Deno.test("Zone.at() has an answer at both ends of time and beyond", () => {
  for (const name of ["UTC", "America/New_York", "Asia/Kolkata", "+05:30"]) {
    const zone = new Zone(name);
    for (const time of [EARLIEST, LATEST, EARLIEST - HOUR, LATEST + HOUR]) {
      const { start, end, offset } = zone.at(time);
      assert(start <= Math.max(time, EARLIEST) && end > Math.min(time, LATEST), `${name} ${time}`);
      assert(Math.abs(offset) < 24 * HOUR);
    }
    assertEquals(zone.at(EARLIEST).start, -Infinity);
  }
});

Deno.test("Zone.at() still agrees after it has forgotten what it knew", () => {
  const zone = new Zone("Europe/London");
  const first = zone.at(Date.UTC(2026, 6, 1));
  for (let year = 1850; year < 4000; year++) zone.at(Date.UTC(year, 0, 1)), zone.at(Date.UTC(year, 6, 1));

  assertEquals(zone.at(Date.UTC(2026, 6, 1)), first);
});

Deno.test("zoneOf() takes any IANA name in any case, old ones and offsets, and gives one Zone for each", () => {
  const names = [
    "UTC",
    "utc",
    "america/new_york",
    "US/Eastern",
    "Asia/Calcutta",
    "EST5EDT",
    "Etc/GMT+5",
    "+05:30",
    "+0530",
  ];

  assertEquals(names.map((name) => zoneOf(name)?.name), [
    "UTC",
    "UTC",
    "America/New_York",
    "US/Eastern",
    "Asia/Calcutta",
    "EST5EDT",
    "Etc/GMT+5",
    "+05:30",
    "+05:30",
  ]);
  assert(zoneOf("Europe/Paris") === zoneOf("EUROPE/PARIS"));
});

Deno.test("zoneOf() takes nothing else, nor what Temporal takes besides", () => {
  const bad = [
    "",
    "Z",
    "Mars/Phobos",
    "2026-01-01T00:00Z[Asia/Tokyo]",
    "+5",
    "+25:00",
    "+05:30:10",
    " UTC",
    "UTC\n",
  ];

  assertEquals(bad.filter((name) => zoneOf(name) !== null), []);
  assertEquals(zoneOf("A".repeat(100_000)), null);
});
