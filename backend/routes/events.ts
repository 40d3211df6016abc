import { OpenAPIHono, z } from "@hono/zod-openapi";
import { getCookie } from "hono/cookie";
import type { Clock } from "../lib/clock.ts";
import { LiveFeed } from "../lib/live-feed.ts";
import type { Queue } from "../lib/queue.ts";
import type { Redactor } from "../lib/redact.ts";
import { SESSION_COOKIES } from "./access.ts";
import { EventStreams } from "./event-streams.ts";
import { type ApiEnv, type Authorize, bearerOf } from "./middleware/auth.ts";
import { refuseMisfits } from "./middleware/issues.ts";
import { route } from "./schemas.ts";

const streamEvents = route(["viewer"], {
  method: "get",
  path: "/",
  summary: "Tells what happens, as it happens",
  parameters: [{
    name: "Last-Event-ID",
    in: "header",
    description: "Where to go on: the last `id` that came",
    schema: { type: "string" },
  }],
  request: {
    query: z.strictObject({
      type: z.string().optional().openapi({ description: "Only jobs of this type or family" }),
      id: z.string().optional().openapi({ description: "Only this job" }),
      most: z.string().regex(/^[1-9]\d{0,3}$/, "must be a whole number from 1 to 9999").transform(Number)
        .optional().openapi({
          type: "integer",
          minimum: 1,
          maximum: 9999,
          description: "Of more events of jobs at once, only their number is told, as job.many",
        }),
      lastEventId: z.string().optional().openapi({
        description: "Like the header Last-Event-ID, for clients that cannot set it",
      }),
    }),
  },
  responses: {
    200: {
      description: "Server-sent events: what happens from now on, or since Last-Event-ID",
      content: { "text/event-stream": { schema: z.string() } },
    },
  },
});

/** `GET /api/admin/events`. */
export function eventRoutes(
  { queue, clock, redactor, authorize }: {
    queue: Queue;
    clock: Clock;
    redactor: Redactor;
    authorize: Authorize;
  },
) {
  const feed = new LiveFeed(queue.liveHost());
  const streams = new EventStreams({ feed, clock, redactor });
  return new OpenAPIHono<ApiEnv>({ defaultHook: refuseMisfits })
    .openapi(streamEvents, async (c) => {
      const { type, id, most, lastEventId = c.req.header("Last-Event-ID") } = c.req.valid("query");
      const headers = {
        "Content-Type": "text/event-stream; charset=utf-8",
        "Cache-Control": "no-store",
        "X-Accel-Buffering": "no", // nginx would keep events back
      };
      if (c.req.method === "HEAD") return c.body(null, 200, headers);
      const cookies = Object.values(SESSION_COOKIES).map((name) => getCookie(c, name));
      const stream = await streams.open({
        filter: {
          ...(type === undefined ? {} : { type }),
          ...(id === undefined ? {} : { id }),
          ...(most === undefined ? {} : { most }),
        },
        lastEventId: lastEventId === undefined || lastEventId === "" ? null : lastEventId,
        session: bearerOf(c) === null ? cookies.find((value) => value !== undefined) ?? null : null,
        isAllowed: async () => ["admin", "viewer"].includes(await authorize(c) ?? ""),
      });
      return c.body(stream, 200, headers);
    });
}
