import { assertEquals } from "@std/assert";
import { parseCron } from "./cron.ts";

/** Expressions and zones in which each hour of the year means something else. */
const CASES: readonly (readonly [expression: string, timezone: string])[] = [
  ["30 2 * 3,4,10,11 *", "America/New_York"],
  ["30 2 * 3,4,10,11 *", "Australia/Lord_Howe"],
  ["0 0 * 12 *", "Pacific/Apia"],
  ["0 */5 * 3,10 *", "Europe/London"],
  ["30 2 LW * *", "UTC"],
  ["@every 7h", "UTC"],
];

/** Everything that a `Cron` says about the cases. */
function answers(): string {
  const after = new Date("2025-12-31T23:30:00Z");
  return JSON.stringify(CASES.map(([expression, timezone]) => {
    const cron = parseCron(expression, { timezone });
    const times = cron.upcoming(400, after);
    return [
      times,
      times.map((time) => cron.prev(time)),
      times.every((time) => cron.matches(time)),
      cron.describe(),
    ];
  }));
}

if (import.meta.main && Deno.args[0] === "answers") console.log(answers());

Deno.test("The zone of the machine changes nothing", async () => {
  const here = answers();
  for (const zone of ["UTC", "America/New_York", "Pacific/Kiritimati", "Asia/Kathmandu"]) {
    const command = new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-check", import.meta.filename!, "answers"],
      env: { TZ: zone },
      stdin: "null",
      stderr: "inherit",
    });
    const { stdout } = await command.output();

    assertEquals(new TextDecoder().decode(stdout).trim() === here, true, zone);
  }
});
