import type { JobContext } from "../../lib/context.ts";
import type { World } from "../world.ts";

/** A letter that is sent. */
export interface Mail {
  to: string;
  template: string;
  locale: string;
}

/** What a mail server answers instead of taking a letter. */
export class SmtpError extends Error {
  override readonly name = "SmtpError";

  constructor(readonly status: number, message: string) {
    super(`${status} ${message}`);
  }
}

/** Sends a letter. One to nobody fails at once, one to somebody whose mailbox is full is tried again. */
export async function sendMail(job: JobContext<Mail>, world: World): Promise<unknown> {
  const { random } = world;
  const { to, template, locale } = job.data;
  job.log.info("Rendering template", { template, locale });
  await world.work(job, random.between(40, 200));
  job.log.debug("Connected to mail server", { host: "smtp.example.com", tls: "1.3" });
  await world.work(job, random.between(150, 1200));
  if (random.chance(0.015)) job.fail(unknownMailbox(to));
  deliver(job, random.next());
  return { messageId: `<${random.between(1e8, 1e9).toString(36)}@example.com>`, accepted: [to] };
}

function deliver(job: JobContext<Mail>, luck: number): void {
  if (luck > 0.06) return;
  job.log.warn("The mail server refused the letter", { to: job.data.to });
  if (luck < 0.02) throw new SmtpError(421, "4.7.0 Too many connections from this address, try later");
  throw new SmtpError(450, `4.2.1 Mailbox of "${job.data.to}" is temporarily unavailable`);
}

function unknownMailbox(to: string): SmtpError {
  return new SmtpError(550, `5.1.1 Mailbox "${to}" does not exist`);
}
