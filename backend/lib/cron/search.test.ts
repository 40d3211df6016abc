import { assertEquals } from "@std/assert";
import { parseCron } from "../cron.ts";

/** What an expression must give in a zone around a change of its clocks. */
interface Case {
  zone: string;
  expression: string;
  /** @default "vixie" */
  dst?: "vixie" | "skip" | "both";
  /** The search begins after this moment. */
  after: string;
  /** The times that follow, in UTC. */
  times: string[];
}

/** Checks a case forward, and the way back. */
function check({ zone, expression, dst, after, times }: Case): void {
  const name = `${expression} in ${zone} ${dst ?? ""} after ${after}`;
  const cron = parseCron(expression, { timezone: zone, dst });
  const dates = times.map((time) => new Date(`${time}Z`));
  const last = dates.at(-1)!;

  assertEquals(cron.upcoming(times.length, new Date(`${after}Z`)), dates, name);
  for (const [i, date] of dates.entries()) {
    assertEquals(cron.prev(new Date(date.getTime() + 1)), date, `${name}, back to ${date.toISOString()}`);
    if (i > 0) assertEquals(cron.prev(date), dates[i - 1], `${name}, back from ${date.toISOString()}`);
    assertEquals(cron.matches(date), true, `${name}, at ${date.toISOString()}`);
  }
  for (let time = dates[0]!.getTime(); time <= last.getTime(); time += 60_000) {
    const isDue = dates.some((date) => date.getTime() === time);
    assertEquals(cron.matches(new Date(time)), isDue, `${name}, at ${new Date(time).toISOString()}`);
  }
}

function checkAll(
  zone: string,
  cases: readonly (readonly [string, Case["dst"], string, ...string[]])[],
): void {
  for (const [expression, dst, after, ...times] of cases) check({ zone, expression, dst, after, times });
}

Deno.test("America/New_York: 02:30 is left out on 8 March and runs at 03:00", () => {
  const after = "2026-03-07T12:00:00";
  checkAll("America/New_York", [
    ["30 2 * * *", "vixie", after, "2026-03-08T07:00:00", "2026-03-09T06:30:00"],
    ["30 2 * * *", "both", after, "2026-03-08T07:00:00", "2026-03-09T06:30:00"],
    ["30 2 * * *", "skip", after, "2026-03-09T06:30:00", "2026-03-10T06:30:00"],
    ["0 2 * * *", "vixie", after, "2026-03-08T07:00:00", "2026-03-09T06:00:00"],
    ["59 59 2 * * *", "vixie", after, "2026-03-08T07:00:00", "2026-03-09T06:59:59"],
    [
      "0,10,20,30,40,50 2 * * *",
      "vixie",
      after,
      "2026-03-08T07:00:00",
      "2026-03-09T06:00:00",
      "2026-03-09T06:10:00",
    ],
    ["30 1-3 * * *", "vixie", after, "2026-03-08T06:30:00", "2026-03-08T07:00:00", "2026-03-08T07:30:00"],
    ["0 2,3 * * *", "vixie", after, "2026-03-08T07:00:00", "2026-03-09T06:00:00", "2026-03-09T07:00:00"],
    ["0 2,3 * * *", "skip", after, "2026-03-08T07:00:00", "2026-03-09T06:00:00", "2026-03-09T07:00:00"],
    ["30 2 8 * *", "vixie", after, "2026-03-08T07:00:00", "2026-04-08T06:30:00"],
    ["30 2 9 * *", "vixie", after, "2026-03-09T06:30:00", "2026-04-09T06:30:00"],
  ]);
});

Deno.test("America/New_York: 01:30 comes twice on 1 November and runs at the first pass", () => {
  const after = "2026-10-31T12:00:00";
  checkAll("America/New_York", [
    ["30 1 * * *", "vixie", after, "2026-11-01T05:30:00", "2026-11-02T06:30:00"],
    ["30 1 * * *", "skip", after, "2026-11-01T05:30:00", "2026-11-02T06:30:00"],
    ["30 1 * * *", "both", after, "2026-11-01T05:30:00", "2026-11-01T06:30:00", "2026-11-02T06:30:00"],
    ["0 1,2 * * *", "vixie", after, "2026-11-01T05:00:00", "2026-11-01T07:00:00"],
    [
      "0,30 0-2 * * *",
      "vixie",
      "2026-11-01T03:59:59",
      "2026-11-01T04:00:00",
      "2026-11-01T04:30:00",
      "2026-11-01T05:00:00",
      "2026-11-01T05:30:00",
      "2026-11-01T07:00:00",
    ],
    ["30 1 * * *", "vixie", "2026-11-01T05:30:00", "2026-11-02T06:30:00"],
    ["30 1 * * *", "vixie", "2026-11-01T06:00:00", "2026-11-02T06:30:00"],
    ["45 1 * * *", "vixie", "2026-11-01T06:10:00.500", "2026-11-02T06:45:00"],
    ["45 1 * * *", "both", "2026-11-01T06:10:00.500", "2026-11-01T06:45:00", "2026-11-02T06:45:00"],
  ]);
});

Deno.test("America/New_York: what begins with a star follows real time", () => {
  for (const dst of ["vixie", "skip", "both"] as const) {
    checkAll("America/New_York", [
      [
        "30 * * * *",
        dst,
        "2026-03-08T06:00:00",
        "2026-03-08T06:30:00",
        "2026-03-08T07:30:00",
        "2026-03-08T08:30:00",
      ],
      ["*/30 2 * * *", dst, "2026-03-07T12:00:00", "2026-03-09T06:00:00", "2026-03-09T06:30:00"],
      [
        "*/30 1 * * *",
        dst,
        "2026-11-01T00:00:00",
        "2026-11-01T05:00:00",
        "2026-11-01T05:30:00",
        "2026-11-01T06:00:00",
        "2026-11-01T06:30:00",
        "2026-11-02T06:00:00",
      ],
      ["0 */2 * * *", dst, "2026-03-08T04:00:00", "2026-03-08T05:00:00", "2026-03-08T08:00:00"],
      [
        "*/20 30 1 * * *",
        dst,
        "2026-11-01T05:30:20",
        "2026-11-01T05:30:40",
        "2026-11-01T06:30:00",
        "2026-11-01T06:30:20",
      ],
      [
        "@hourly",
        dst,
        "2026-11-01T04:30:00",
        "2026-11-01T05:00:00",
        "2026-11-01T06:00:00",
        "2026-11-01T07:00:00",
      ],
    ]);
  }
});

Deno.test("America/New_York: the rule of 2007 moved both changes", () => {
  checkAll("America/New_York", [
    ["30 2 * * *", "vixie", "2006-04-01T12:00:00", "2006-04-02T07:00:00", "2006-04-03T06:30:00"],
    ["30 2 * * *", "vixie", "2007-03-10T12:00:00", "2007-03-11T07:00:00", "2007-03-12T06:30:00"],
    ["30 2 * * *", "vixie", "2007-03-31T12:00:00", "2007-04-01T06:30:00", "2007-04-02T06:30:00"],
    ["30 1 * * *", "both", "2006-10-28T12:00:00", "2006-10-29T05:30:00", "2006-10-29T06:30:00"],
    ["30 1 * * *", "both", "2007-10-27T12:00:00", "2007-10-28T05:30:00", "2007-10-29T05:30:00"],
    ["30 1 * * *", "both", "2007-11-03T12:00:00", "2007-11-04T05:30:00", "2007-11-04T06:30:00"],
  ]);
});

Deno.test("Europe/London and Europe/Dublin: changes at 01:00 UTC, however the law calls summer", () => {
  for (const zone of ["Europe/London", "Europe/Dublin"]) {
    checkAll(zone, [
      ["30 1 * * *", "vixie", "2026-03-28T12:00:00", "2026-03-29T01:00:00", "2026-03-30T00:30:00"],
      ["30 1 * * *", "vixie", "2026-10-24T12:00:00", "2026-10-25T00:30:00", "2026-10-26T01:30:00"],
      ["30 1 * * *", "both", "2026-10-24T12:00:00", "2026-10-25T00:30:00", "2026-10-25T01:30:00"],
      ["30 */1 * * *", "vixie", "2026-03-29T00:00:00", "2026-03-29T00:30:00", "2026-03-29T01:30:00"],
    ]);
  }
});

Deno.test("Australia/Sydney: the south changes the other way round", () => {
  checkAll("Australia/Sydney", [
    ["30 2 * * *", "vixie", "2026-10-03T00:00:00", "2026-10-03T16:00:00", "2026-10-04T15:30:00"],
    ["30 2 * * *", "vixie", "2026-04-04T00:00:00", "2026-04-04T15:30:00", "2026-04-05T16:30:00"],
    [
      "30 2 * * *",
      "both",
      "2026-04-04T00:00:00",
      "2026-04-04T15:30:00",
      "2026-04-04T16:30:00",
      "2026-04-05T16:30:00",
    ],
  ]);
});

Deno.test("Australia/Lord_Howe: clocks change by half an hour", () => {
  checkAll("Australia/Lord_Howe", [
    ["15 2 * * *", "vixie", "2026-10-03T00:00:00", "2026-10-03T15:30:00", "2026-10-04T15:15:00"],
    ["30 2 * * *", "vixie", "2026-10-03T00:00:00", "2026-10-03T15:30:00", "2026-10-04T15:30:00"],
    ["15,30 2 * * *", "vixie", "2026-10-03T00:00:00", "2026-10-03T15:30:00", "2026-10-04T15:15:00"],
    ["15 2 * * *", "skip", "2026-10-03T00:00:00", "2026-10-04T15:15:00"],
    ["45 1 * * *", "vixie", "2026-04-04T00:00:00", "2026-04-04T14:45:00", "2026-04-05T15:15:00"],
    [
      "45 1 * * *",
      "both",
      "2026-04-04T00:00:00",
      "2026-04-04T14:45:00",
      "2026-04-04T15:15:00",
      "2026-04-05T15:15:00",
    ],
    ["15 1 * * *", "both", "2026-04-04T00:00:00", "2026-04-04T14:15:00", "2026-04-05T14:45:00"],
    [
      "*/15 2 * * *",
      "vixie",
      "2026-10-03T15:00:00",
      "2026-10-03T15:30:00",
      "2026-10-03T15:45:00",
      "2026-10-04T15:00:00",
    ],
  ]);
});

Deno.test("Pacific/Chatham: three quarters of an hour, and changes at 02:45", () => {
  checkAll("Pacific/Chatham", [
    ["0 12 * * *", "vixie", "2026-06-01T00:00:00", "2026-06-01T23:15:00"],
    ["0 3 * * *", "vixie", "2026-09-26T00:00:00", "2026-09-26T14:00:00", "2026-09-27T13:15:00"],
    ["30 2 * * *", "vixie", "2026-09-26T00:00:00", "2026-09-26T13:45:00", "2026-09-27T12:45:00"],
    [
      "0 3 * * *",
      "both",
      "2026-04-04T00:00:00",
      "2026-04-04T13:15:00",
      "2026-04-04T14:15:00",
      "2026-04-05T14:15:00",
    ],
  ]);
});

Deno.test("Pacific/Apia: 30 December 2011 never was, and nothing of it runs (rule 4)", () => {
  for (const dst of ["vixie", "skip", "both"] as const) {
    checkAll("Pacific/Apia", [
      ["0 12 * * *", dst, "2011-12-29T00:00:00", "2011-12-29T22:00:00", "2011-12-30T22:00:00"],
      ["0 0 * * *", dst, "2011-12-29T00:00:00", "2011-12-29T10:00:00", "2011-12-30T10:00:00"],
      ["0 12 30 12 *", dst, "2010-12-31T00:00:00", "2012-12-29T22:00:00"],
      ["0 */12 * * *", dst, "2011-12-29T20:00:00", "2011-12-29T22:00:00", "2011-12-30T10:00:00"],
    ]);
  }
  assertEquals(parseCron("0 0 12 30 12 * 2011", { timezone: "Pacific/Apia" }).next(new Date(0)), null);
});

Deno.test("Asia/Kolkata: half an hour, and no changes", () => {
  checkAll("Asia/Kolkata", [
    ["30 2 * * *", "vixie", "2026-03-07T12:00:00", "2026-03-07T21:00:00", "2026-03-08T21:00:00"],
    ["0 * * * *", "vixie", "2026-03-07T12:00:00", "2026-03-07T12:30:00", "2026-03-07T13:30:00"],
  ]);
});

Deno.test("Antarctica/Troll: clocks change by two hours", () => {
  checkAll("Antarctica/Troll", [
    ["0 1 * * *", "vixie", "2026-03-28T12:00:00", "2026-03-29T01:00:00", "2026-03-29T23:00:00"],
    ["30 1,2 * * *", "vixie", "2026-03-28T12:00:00", "2026-03-29T01:00:00", "2026-03-29T23:30:00"],
    ["30 2 * * *", "vixie", "2026-10-24T12:00:00", "2026-10-25T00:30:00", "2026-10-26T02:30:00"],
    ["30 2 * * *", "both", "2026-10-24T12:00:00", "2026-10-25T00:30:00", "2026-10-25T02:30:00"],
    [
      "30 * * * *",
      "vixie",
      "2026-10-25T00:00:00",
      "2026-10-25T00:30:00",
      "2026-10-25T01:30:00",
      "2026-10-25T02:30:00",
    ],
  ]);
});

Deno.test("Clocks that change at midnight leave out or repeat the first hour of a day", () => {
  checkAll("Asia/Beirut", [
    ["0 0 * * *", "vixie", "2026-03-28T12:00:00", "2026-03-28T22:00:00", "2026-03-29T21:00:00"],
    ["0 0 * * *", "skip", "2026-03-28T12:00:00", "2026-03-29T21:00:00"],
    ["30 0 29 3 *", "vixie", "2026-03-28T12:00:00", "2026-03-28T22:00:00"],
  ]);
  checkAll("America/Havana", [
    ["0 0 * * *", "vixie", "2026-10-31T12:00:00", "2026-11-01T04:00:00", "2026-11-02T05:00:00"],
    [
      "0 0 * * *",
      "both",
      "2026-10-31T12:00:00",
      "2026-11-01T04:00:00",
      "2026-11-01T05:00:00",
      "2026-11-02T05:00:00",
    ],
  ]);
});

Deno.test("A zone's local mean time, with seconds, is no obstacle", () => {
  checkAll("America/New_York", [
    [
      "0 12 * * *",
      "vixie",
      "1883-11-16T20:00:00",
      "1883-11-17T16:56:02",
      "1883-11-18T16:56:02",
      "1883-11-19T17:00:00",
    ],
  ]);
  checkAll("Europe/Amsterdam", [["0 12 * * *", "vixie", "1850-01-01T00:00:00", "1850-01-01T11:42:30"]]);
});

Deno.test("clockChanges() tells what becomes of times that are left out or repeat", () => {
  const spring = ["2026-03-07T12:00:00Z", "2026-03-20T00:00:00Z"];
  const autumn = ["2026-10-30T12:00:00Z", "2026-11-20T00:00:00Z"];
  const cases: [string, "vixie" | "skip" | "both", string[], string | null][] = [
    ["30 2 * * *", "vixie", spring, "moved 02:30 at 2026-03-08T07:00:00.000Z, clocks 02:00 to 03:00"],
    ["30 2 * * *", "both", spring, "moved 02:30 at 2026-03-08T07:00:00.000Z, clocks 02:00 to 03:00"],
    ["30 2 * * *", "skip", spring, "skipped 02:30 at 2026-03-08T07:00:00.000Z, clocks 02:00 to 03:00"],
    ["30 3 * * *", "vixie", spring, null],
    ["30 2 * * MON", "vixie", spring, null],
    ["*/5 * * * *", "vixie", spring, null],
    ["@every 1h", "vixie", spring, null],
    ["30 2 * * *", "vixie", ["2026-03-08T07:00:00Z", "2026-03-20T00:00:00Z"], null], // the change is over
    ["30 2 * * *", "vixie", ["2026-03-07T12:00:00Z", "2026-03-08T06:59:59Z"], null], // it is to come
    ["30 1 * * *", "both", autumn, "twice 01:30 at 2026-11-01T06:00:00.000Z, clocks 02:00 to 01:00"],
    ["30 1 * * *", "vixie", autumn, null],
    ["30 0 * * *", "both", autumn, null],
    ["*/5 * * * *", "both", autumn, null],
  ];
  const clock = (time: number) => new Date(time).toISOString().slice(11, 16);
  for (const [expression, dst, [after, until], expected] of cases) {
    const cron = parseCron(expression, { timezone: "America/New_York", dst });
    const found = cron.clockChanges(new Date(after!), new Date(until!)).map(
      ({ at, effect, time, from, to }) => {
        const when = new Date(at).toISOString();
        return `${effect} ${clock(time)} at ${when}, clocks ${clock(from)} to ${clock(to)}`;
      },
    );
    assertEquals(found, expected === null ? [] : [expected], `${expression} ${dst} ${after}`);
  }
  const samoa = parseCron("0 12 * * *", { timezone: "Pacific/Apia" });
  const [change] = samoa.clockChanges(new Date("2011-12-29T00:00:00Z"), new Date("2012-01-02T00:00:00Z"));
  assertEquals([change?.effect, new Date(change!.time).toISOString()], [
    "skipped",
    "2011-12-30T12:00:00.000Z",
  ]);
  assertEquals(parseCron("0 0 * * *").clockChanges(new Date(0), new Date("9999-01-01T00:00:00Z")), []);
});
