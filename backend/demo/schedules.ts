import type { Scheduler } from "../lib/scheduler.ts";

const report = (name: string, pages: number) => ({
  type: "report:render",
  data: { report: name, month: "2026-09", pages },
  options: { queue: "default", tags: ["scheduled"] },
});
const index = (name: string) => ({
  type: "search:index",
  data: { index: name, ids: [1, 2, 3, 4, 5, 6, 7, 8] },
  options: { tags: ["scheduled"] },
});
const letter = (template: string) => ({
  type: "email:send",
  data: { to: "team@example.com", template, locale: "en" },
  options: { queue: "mail", tags: ["scheduled"] },
});

/** Declares the schedules of the shop, as its code says them. */
export function declareSchedules(scheduler: Scheduler): void {
  scheduler
    .schedule("search:products", "0 * * * *", index("products"), { missed: "skip" })
    .schedule("search:articles", "@every 4h", index("articles"))
    .schedule("report:revenue", "10 */6 * * *", report("revenue", 8), { timezone: "Europe/Berlin" })
    .schedule("report:month-end", "0 18 LW * *", report("month-end", 40), { timezone: "Europe/Berlin" })
    .schedule("mail:digest", "30 7 * * MON-FRI", letter("digest"), { timezone: "America/New_York" })
    .schedule("mail:reminders", "0 */3 * * *", letter("reminder"), { missed: "skip", jitter: 60_000 });
}

/** Declares what only the version before had: it is shown, and fires no more. */
export function declareOldSchedules(scheduler: Scheduler): void {
  scheduler.schedule("search:suggestions", "15 */8 * * *", index("suggestions"));
}
