import { z } from "@hono/zod-openapi";
import type { Redactor } from "../lib/redact.ts";
import type { QueuePause } from "../lib/store.ts";
import { iso, isoTime } from "./schemas.ts";

/** Who paused a queue, when and why, in an answer. */
export const pauseSchema = z.object({
  at: isoTime,
  by: z.string().nullable().openapi({
    description: "The role of who paused it, or what a program calls itself",
  }),
  note: z.string().nullable(),
});

/** Returns `pause` as answers show it: people paste what they have seen, secrets too. */
export function viewPause({ at, by, note }: QueuePause, redactor: Redactor): z.infer<typeof pauseSchema> {
  return { at: iso(at), by, note: note && redactor.text(note) };
}
