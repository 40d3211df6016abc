import type { Kill } from "./fleet.ts";
import type { Delivery } from "./sink.ts";

/** One run of a job, as far as the sink saw it, and the end of the process it was in. */
export interface Run extends Delivery {
  /** Null: its process was not killed. */
  kill: Kill | null;
}

/** Returns the runs of one job in their order. */
export function runsOf(deliveries: readonly Delivery[], killByProcess: ReadonlyMap<string, Kill>): Run[] {
  return deliveries.map((delivery) => ({ ...delivery, kill: killByProcess.get(delivery.process) ?? null }))
    .sort((a, b) => begun(a) - begun(b));
}

/** A request may reach the sink's handler after its sender was killed, but it was sent before. */
function begun({ arrivedAt, kill }: Run): number {
  return kill === null ? arrivedAt : Math.min(arrivedAt, kill.at);
}

/** True when the sink said no: the job is to run again. */
export function wasRefused({ status, answeredAt }: Run): boolean {
  return status !== 200 && answeredAt !== null;
}

/** True when the process was killed before it had an answer. */
export function wasCutOff({ kill, answeredAt }: Run): boolean {
  return kill !== null && (answeredAt === null || answeredAt > kill.at);
}

/** Milliseconds from the answer to the kill of the process; 0 if it was cut off, Infinity if it was not killed. */
export function timeToKill({ kill, answeredAt }: Run): number {
  if (kill === null) return Infinity;
  return answeredAt === null ? 0 : Math.max(0, kill.at - answeredAt);
}
