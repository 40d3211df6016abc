import { z } from "@hono/zod-openapi";
import { DEFAULT_LIMIT } from "../lib/queries.ts";

/** The schema of a page of a list whose entries are not all shown. */
export function pageSchema<T extends z.ZodType>(entry: T) {
  return z.object({
    data: z.array(entry),
    nextCursor: z.string().nullable(),
    scanned: z.number().optional(),
  });
}

/** Returns `data` as a page. One that ends before it is full says how many entries were read for it. */
export function pageOf<T>(
  data: T[],
  { nextCursor, scanned }: { nextCursor: string | null; scanned: number },
  limit = DEFAULT_LIMIT,
) {
  const isCut = nextCursor !== null && data.length < limit;
  return { data, nextCursor, ...(isCut ? { scanned } : {}) };
}
