/**
 * What adding over HTTP costs without the API: `http-bare.ts FOLDER PORT` serves one route that adds a job to a queue on
 * a file and answers with it. The same libraries and the same queue; nobody is asked who he is, nothing is limited.
 *
 * `http-bare.ts FOLDER PORT SKETCH` does the same with the queue in `sketch.ts` of that folder.
 */
import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { createJobs } from "../jobs.ts";
import { loadSketch } from "./sketch.ts";

const json = <T extends z.ZodType>(schema: T) => ({ content: { "application/json": { schema } } });

const route = createRoute({
  method: "post",
  path: "/api/admin/jobs",
  request: { body: { required: true, ...json(z.object({ type: z.string(), data: z.unknown() })) } },
  responses: { 201: { description: "The job added", ...json(z.unknown()) } },
});

/** Adds a job, and returns what is answered once it is stored. */
type Add = (type: string, data: unknown) => Promise<unknown>;

if (import.meta.main) {
  const [folder = "", port = "", sketch] = Deno.args;
  const add = sketch === undefined ? ownAdd(folder) : await sketchAdd(folder, sketch);
  Deno.serve({ hostname: "127.0.0.1", port: Number(port), onListen: () => {} }, serve(add));
}

function ownAdd(folder: string): Add {
  const { queue } = createJobs({ store: `kv:${folder}/jobs.db` });
  return async (type, data) => (await queue.addAndSee(type, data)).job;
}

/** A sketch gives nothing but the id; what it is given is the same each time. */
async function sketchAdd(folder: string, sketch: string): Promise<Add> {
  const { open } = await loadSketch(sketch);
  const queue = await open({ folder, concurrency: 0, types: ["email"], data: { n: 1 } });
  return async (type, data) => ({ id: await queue.add(), type, data });
}

function serve(add: Add): Deno.ServeHandler {
  const app = new OpenAPIHono().openapi(route, async (c) => {
    const { type, data } = c.req.valid("json");
    return c.json(await add(type, data), 201);
  });
  return (request) => app.fetch(request);
}
