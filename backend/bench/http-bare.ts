/**
 * What adding over HTTP costs without the API: `http-bare.ts FOLDER PORT` serves one route that adds a job to a queue on
 * a file and answers with it. The same libraries and the same queue; nobody is asked who he is, nothing is limited.
 */
import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { createJobs } from "../jobs.ts";
import type { Queue } from "../lib/queue.ts";

const json = <T extends z.ZodType>(schema: T) => ({ content: { "application/json": { schema } } });

const route = createRoute({
  method: "post",
  path: "/api/admin/jobs",
  request: { body: { required: true, ...json(z.object({ type: z.string(), data: z.unknown() })) } },
  responses: { 201: { description: "The job added", ...json(z.unknown()) } },
});

if (import.meta.main) {
  const [folder = "", port = ""] = Deno.args;
  const { queue } = createJobs({ store: `kv:${folder}/jobs.db` });
  Deno.serve({ hostname: "127.0.0.1", port: Number(port), onListen: () => {} }, serve(queue));
}

function serve(queue: Queue): Deno.ServeHandler {
  const app = new OpenAPIHono().openapi(route, async (c) => {
    const { type, data } = c.req.valid("json");
    const { job } = await queue.addAndSee(type, data);
    return c.json(job, 201);
  });
  return (request) => app.fetch(request);
}
