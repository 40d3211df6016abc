import type { Queue } from "../../lib/queue.ts";
import { registerAllWorkers } from "../../workers/index.ts";
import type { World } from "../world.ts";
import { type Picture, resizeImage } from "./images.ts";
import { createInvoice, type Invoice } from "./invoices.ts";
import { type Mail, sendMail } from "./mail.ts";
import { renderReport, type Report } from "./reports.ts";
import { type Documents, indexDocuments } from "./search.ts";

const MINUTE = 60_000;

/** Registers every handler of the demo on `queue`, those that come with Cronosaur too. */
export function registerJobs(queue: Queue, world: World): void {
  // No jitter: the same seed makes the same history.
  const slowly = { delay: MINUTE, max: 20 * MINUTE, jitter: 0 };
  queue
    .process<Mail>("email:send", (job) => sendMail(job, world), { maxAttempts: 5, backoff: slowly })
    .process<Picture>("image:resize", (job) => resizeImage(job, world), {
      maxAttempts: 2,
      backoff: { delay: MINUTE / 4, jitter: 0 },
    })
    .process<Report>("report:render", (job) => renderReport(job, world), {
      maxAttempts: 2,
      timeout: 2 * MINUTE,
      backoff: slowly,
    })
    .process<Invoice>("invoice:create", (job) => createInvoice(job, world), {
      maxAttempts: 6,
      backoff: slowly,
    })
    .process<Documents>("search:index", (job) => indexDocuments(job, world), {
      maxAttempts: 3,
      backoff: { delay: MINUTE / 2, jitter: 0 },
    });
  registerAllWorkers(queue, { allowPrivateUrls: true }); // the receiver of the demo is on this machine
}
