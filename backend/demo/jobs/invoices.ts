import type { JobContext } from "../../lib/context.ts";
import type { World } from "../world.ts";

/** An order that is paid and invoiced. */
export interface Invoice {
  order: string;
  customer: { id: number; name: string };
  amount: number;
  currency: string;
  /** Field names that hold secrets are masked wherever jobs are shown. */
  payment: { provider: string; token: string };
}

/** What the payment provider answers instead of taking the money. */
export class PaymentError extends Error {
  override readonly name = "PaymentError";
}

/** Charges a customer and writes the invoice. What a bank declines fails at once. */
export async function createInvoice(job: JobContext<Invoice>, world: World): Promise<unknown> {
  const { random } = world;
  const { order, amount, currency, payment: { provider } } = job.data;
  job.log.info("Charging {amount} {currency}", { amount, currency, provider });
  await world.work(job, random.between(300, 1600));
  if (random.chance(0.05)) throw refusal(provider, random.between(200, 900));
  if (random.chance(0.02)) {
    job.fail(new PaymentError(`Card of order ${order} was declined: insufficient_funds`));
  }
  await job.progress(70, "charged");
  await world.work(job, random.between(100, 500));
  job.log.info("Wrote invoice", { order });
  return { invoice: `INV-${order.slice(2)}`, charged: amount };
}

function refusal(provider: string, ms: number): PaymentError {
  return new PaymentError(`${provider} answered 503 Service Unavailable after ${ms} ms`);
}
