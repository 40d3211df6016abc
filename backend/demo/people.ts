import type { Queue } from "../lib/queue.ts";
import { Random } from "../testing/crash/random.ts";
import { documents, mail, picture, report } from "./arrivals.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** What people work with: the queue in their programs, and the HTTP API as admins. */
export interface Hands {
  queue: Queue;
  /** Where the receiver of webhooks is. */
  receiver: string;
  /** @throws {Error} It is refused. */
  ask(method: string, path: string, body?: unknown): Promise<unknown>;
}

/** Something that people did. */
export interface Deed {
  /** Milliseconds before the end of the history. */
  before: number;
  act(hands: Hands): Promise<unknown>;
}

/** What people did, first things first. */
export const DEEDS: readonly Deed[] = [
  { before: 60 * HOUR, act: makeWebhooks },
  { before: 58 * HOUR, act: saveViews },
  { before: 47 * HOUR, act: makeSchedule },
  {
    before: 30 * HOUR,
    act: ({ ask }) => ask("PATCH", "/schedules/search:articles", { expression: "@every 3h" }),
  },
  { before: 26 * HOUR, act: ({ ask }) => ask("POST", "/schedules/mail:reminders/disable") },
  { before: 8.8 * HOUR, act: (hands) => reindex(hands, 12) },
  { before: 8.5 * HOUR, act: (hands) => reindex(hands, 17) },
  { before: 8 * HOUR, act: retryFailedSearches },
  { before: 6 * HOUR, act: planNewsletter },
  { before: 5 * HOUR, act: ({ ask }) => ask("POST", "/schedules/report:revenue/trigger") },
  { before: 3 * HOUR, act: cancelSome },
  { before: 50 * MINUTE, act: pauseReports },
  { before: 35 * MINUTE, act: tellLegacySystem },
  { before: 20 * MINUTE, act: ({ ask }) => ask("PATCH", "/jobs/newsletter-1", { priority: 3 }) },
];

async function makeWebhooks({ ask, receiver }: Hands): Promise<void> {
  await ask("POST", "/webhooks", {
    url: `${receiver}/hooks/shop`,
    description: "Shop: invoices that are done",
    events: ["job.completed", "job.failed"],
    types: ["invoice"],
  });
  await ask("POST", "/webhooks", {
    url: `${receiver}/hooks/alerts`,
    description: "Alerts for who is on call",
    events: ["job.failed"],
  });
}

async function saveViews({ ask }: Hands): Promise<void> {
  await ask("PUT", "/views/Failed%20mails", { filter: "status:failed type:email" });
  await ask("PUT", "/views/VIP", { filter: "tag:vip" });
  await ask("PUT", "/views/Waiting%20reports", { filter: "status:pending queue:reports" });
}

async function makeSchedule({ ask }: Hands): Promise<void> {
  await ask("POST", "/schedules", {
    name: "newsletter",
    expression: "0 9 * * FRI",
    timezone: "Europe/Paris",
    job: { type: "email:send", data: { to: "everybody@example.com", template: "newsletter", locale: "en" } },
  });
}

/** In the middle of an outage, as it happens. */
async function reindex({ queue }: Hands, count: number): Promise<void> {
  const random = new Random(count);
  const options = { tags: ["reindex"], createdBy: "catalog", priority: -20 };
  await queue.addMany(Array.from({ length: count }, () => ({ ...documents(random), options })));
}

/** Those that failed in the first half of the outage; the others are left for who looks at the demo. */
async function retryFailedSearches({ ask, queue }: Hands): Promise<void> {
  const createdBefore = new Date(queue.now() - 45 * MINUTE).toISOString();
  await ask("POST", "/jobs/bulk", {
    action: "retry",
    filter: { status: ["failed"], type: "search", createdBefore },
  });
}

async function planNewsletter({ queue }: Hands): Promise<void> {
  const random = new Random(6);
  const options = { queue: "mail", tags: ["newsletter"], createdBy: "marketing", priority: -10 };
  await queue.addMany(Array.from({ length: 14 }, (_, i) => ({
    ...mail(random),
    options: { ...options, jobId: `newsletter-${i + 1}`, delay: 8 * HOUR + i * 7 * MINUTE },
  })));
  // Nobody has a handler for this type.
  await queue.add("video:transcode", { source: "uploads/showroom.mov", format: "av1" }, { queue: "media" });
}

/** It takes nothing, and so is tried again and again. */
async function tellLegacySystem({ queue, receiver }: Hands): Promise<void> {
  for (const order of [4711, 4712, 4713]) {
    const data = { url: `${receiver}/hooks/legacy`, body: { event: "order.shipped", order } };
    await queue.add("webhook:send", data, { queue: "webhooks", tags: ["legacy"], createdBy: "shop" });
  }
}

async function cancelSome({ ask, queue }: Hands): Promise<void> {
  for (const n of [12, 13, 14]) await ask("POST", `/jobs/newsletter-${n}/cancel`);
  const random = new Random(3);
  const request = picture(random);
  const id = await queue.add(request.type, request.data, { ...request.options, delay: HOUR });
  await ask("DELETE", `/jobs/${id}`);
}

async function pauseReports({ ask, queue }: Hands): Promise<void> {
  await ask("POST", "/queues/reports/pause", { note: "the ledger is being closed: figures would be wrong" });
  const random = new Random(4);
  await queue.addMany(Array.from({ length: 9 }, () => report(random)));
  const urgent = report(random);
  await queue.add(urgent.type, urgent.data, { ...urgent.options, expiresIn: 15 * MINUTE });
}
