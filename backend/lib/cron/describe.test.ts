import { assert, assertEquals } from "@std/assert";
import { parseCron } from "../cron.ts";

function check(cases: readonly (readonly [expression: string, text: string])[]): void {
  for (const [expression, text] of cases) {
    assertEquals(parseCron(expression, { seed: "x" }).describe(), `${text} (UTC)`, expression);
  }
}

Deno.test("describe() tells the times of a day, one by one if they are few", () => {
  check([
    ["30 2 * * *", "At 02:30, every day"],
    ["30 2 * * MON-FRI", "At 02:30, Monday to Friday"],
    ["0 9,12,15 * * *", "At 09:00, 12:00 and 15:00, every day"],
    ["0,30 9 * * *", "At 09:00 and 09:30, every day"],
    ["0 */12 * * *", "At 00:00 and 12:00, every day"],
    ["30 30 2 * * *", "At 02:30:30, every day"],
    ["0,30 30 2 * * *", "At 02:30:00 and 02:30:30, every day"],
    ["0 0 2 * * *", "At 02:00, every day"],
    ["1,2,3,10 9,12,15 * * *", "At minutes 1 to 3 and 10 of hours 9, 12 and 15, every day"],
    ["0-29 9 * * *", "At minutes 0 to 29 of hour 9, every day"],
    ["0 1/2 * * *", "At minute 0 of hours 1, 3, 5 … 23, every day"],
  ]);
});

Deno.test("describe() tells what comes every so often", () => {
  check([
    ["* * * * *", "Every minute"],
    ["*/5 * * * *", "Every 5 minutes"],
    ["0/5 * * * *", "Every 5 minutes"],
    ["0,30 * * * *", "Every 30 minutes"],
    ["0 * * * *", "Every hour"],
    ["30 * * * *", "Every hour at minute 30"],
    ["5,35 * * * *", "Every hour at minutes 5 and 35"],
    ["*/45 * * * *", "Every hour at minutes 0 and 45"],
    ["5/10 * * * *", "Every hour at minutes 5, 15, 25 … 55"],
    ["0 */2 * * *", "Every 2 hours"],
    ["15 */6 * * *", "Every 6 hours at minute 15"],
    ["*/10 */2 * * *", "Every 10 minutes of every 2nd hour"],
    ["* */3 * * *", "Every minute of every 3rd hour"],
  ]);
});

Deno.test("describe() tells from when to when", () => {
  check([
    ["0 9-17 * * MON-FRI", "Every hour from 09:00 to 17:00, Monday to Friday"],
    ["30 9-17 * * *", "Every hour from 09:30 to 17:30"],
    ["*/5 9-17 * * *", "Every 5 minutes from 09:00 to 17:55"],
    ["*/15 9 * * *", "Every 15 minutes from 09:00 to 09:45"],
    ["* 9 * * *", "Every minute from 09:00 to 09:59"],
    ["5,7 9-17 * * *", "Every hour at minutes 5 and 7, from 09:05 to 17:07"],
    ["*/5 9,12,15 * * *", "Every 5 minutes of hours 9, 12 and 15"],
    ["* * 9-17 * * *", "Every second from 09:00:00 to 17:59:59"],
  ]);
});

Deno.test("describe() tells seconds", () => {
  check([
    ["* * * * * *", "Every second"],
    ["*/15 * * * * *", "Every 15 seconds"],
    ["30 * * * * *", "Every minute at second 30"],
    ["5,35 * * * * *", "Every minute at seconds 5 and 35"],
    ["15 */5 * * * *", "Every 5 minutes at second 15"],
    ["* 5 * * * *", "Every second of minute 5"],
    ["* */5 * * * *", "Every second of every 5th minute"],
    ["10 5 * * * *", "Every hour at second 10 of minute 5"],
    ["*/15 0-29 9 * * *", "Every 15 seconds of minutes 0 to 29 from 09:00:00 to 09:29:45"],
  ]);
});

Deno.test("describe() tells the days", () => {
  const cases: [string, string][] = [
    ["1 * *", "on day 1 of the month"],
    ["1,15 * *", "on days 1 and 15 of the month"],
    ["*/2 * *", "on days 1, 3, 5 … 31 of the month"],
    ["L * *", "on the last day of the month"],
    ["L-1,L-2 * *", "on the 1st day before the last and the 2nd day before the last of the month"],
    ["LW * *", "on the last weekday of the month"],
    ["15W * *", "on the weekday nearest to day 15 of the month"],
    ["1,15,L * *", "on days 1 and 15 and the last day of the month"],
    ["* * 0", "on Sunday"],
    ["* * 1,3,5", "on Monday, Wednesday and Friday"],
    ["* * SAT-SUN", "on Saturday and Sunday"],
    ["* * FRI-SUN", "Friday to Sunday"],
    ["* * 0-2,4,5", "on Monday, Tuesday, Thursday, Friday and Sunday"],
    ["* * FRIL", "on the last Friday of the month"],
    ["* * FRI#L,MON", "on Monday and the last Friday of the month"],
    ["* * 5#3", "on the third Friday of the month"],
    ["13 * FRI", "on day 13 of the month or on Friday"],
    ["13 * MON-WED", "on day 13 of the month or Monday to Wednesday"],
    ["13 * +FRI", "on day 13 of the month, only on Friday"],
    ["*/10 * MON", "on days 1, 11, 21 and 31 of the month, only on Monday"],
    ["1-31 * MON", "every day"],
    ["13 * 0-6", "every day"],
    ["? * ?", "every day"],
  ];
  check(cases.map(([fields, text]) => [`0 0 ${fields}`, `At 00:00, ${text}`]));
});

Deno.test("describe() tells months and years", () => {
  check([
    ["0 0 1 1 *", "At 00:00, on day 1 of the month, in January"],
    ["0 0 * JAN-MAR *", "At 00:00, every day, in January to March"],
    ["0 0 1 */3 *", "At 00:00, on day 1 of the month, in January, April, July and October"],
    ["0 0 * */2 *", "At 00:00, every day, in January, March, May … November"],
    ["0 0 0 1 1 * 2027", "At 00:00, on day 1 of the month, in January, in 2027"],
    ["0 0 0 1 1 * 2025-2030", "At 00:00, on day 1 of the month, in January, in 2025 to 2030"],
    ["0 0 12 * * ? 2024/2", "At 12:00, every day, in 2024, 2026, 2028 … 2098"],
    ["0 0 12 * * ? *", "At 12:00, every day"],
    ["* * * 7 *", "Every minute, in July"],
  ]);
});

Deno.test("describe() tells short names, H as the value it stands for, and what never runs", () => {
  check([
    ["@daily", "At 00:00, every day"],
    ["@weekly", "At 00:00, on Sunday"],
    ["@hourly", "Every hour"],
    ["@yearly", "At 00:00, on day 1 of the month, in January"],
    ["0 0 31 2 *", "Never, as there is no such date: at 00:00, on day 31 of the month, in February"],
  ]);
  const [, minute = "", hour = ""] = /^At (\d\d):(\d\d), every day/.exec(
    parseCron("H H * * *", { seed: "x" }).describe(),
  )!;
  assert(Number(minute) < 60 && Number(hour) < 60);
  assertEquals(
    parseCron("0 9 * * *", { timezone: "europe/paris" }).describe(),
    "At 09:00, every day (Europe/Paris)",
  );
});

Deno.test("describe() tells intervals without a zone", () => {
  const cases: [string, string][] = [
    ["15m", "15 minutes"],
    ["1h", "hour"],
    ["1h30m", "1 hour and 30 minutes"],
    ["90s", "1 minute and 30 seconds"],
    ["1d1h1m1s", "1 day, 1 hour, 1 minute and 1 second"],
  ];
  for (const [text, words] of cases) {
    assertEquals(parseCron(`@every ${text}`).describe(), `Every ${words}, from the time it was created`);
  }
});
