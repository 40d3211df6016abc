/**
 * Asks every route of the document for what it does not expect, as everybody. A route that is added is asked too.
 *
 * `API_SEED=7` asks the same again, `API_RUNS=1000` asks each route more often.
 */
import { assertEquals } from "@std/assert";
import fc from "fast-check";
import type { ApiDocument } from "../../routes/api-document.ts";
import { Api } from "../api.ts";
import { Judge } from "./judge.ts";
import { requestsTo } from "./requests.ts";
import { FuzzWorld } from "./world.ts";

const SEED = Number(Deno.env.get("API_SEED") ?? 1);
/** Requests to each route. */
const RUNS = Number(Deno.env.get("API_RUNS") ?? 150);
/** Requests to the same store. */
const RUNS_OF_WORLD = 25;

async function readDocument(): Promise<ApiDocument> {
  await using api = new Api();
  return (await api.call<ApiDocument>("GET", "/api/admin/openapi.json")).body;
}

const document = await readDocument();
const judge = new Judge(document);

for (const route of judge.routes) {
  const { method, path } = route;

  Deno.test(`${method} ${path} answers whatever is asked as the document says, and stores nothing it refuses`, async () => {
    let world: FuzzWorld | null = null;
    let runs = 0;
    const property = fc.asyncProperty(
      requestsTo(route, document.components?.schemas ?? {}),
      async (request) => {
        if (world === null || runs++ % RUNS_OF_WORLD === 0) {
          await world?.[Symbol.asyncDispose]();
          world = new FuzzWorld();
          await world.fill();
        }
        const before = world.stored();
        const answer = await world.send(request);
        judge.check(request, answer);
        if (answer.status >= 400) assertEquals(world.stored(), before, "something was stored");
      },
    );
    try {
      await fc.assert(property, { seed: SEED, numRuns: RUNS });
    } finally {
      await (world as FuzzWorld | null)?.[Symbol.asyncDispose]();
    }
  });
}

Deno.test("A path answers methods that the document does not name with those it does", async () => {
  await using api = new Api();
  for (const { path } of judge.routes) {
    const address = path.replaceAll(/\{\w+\}/g, "none");
    const known = judge.routesAt(address).map(({ method }) => method);
    const allowed = new Set([...known, ...(known.includes("GET") ? ["HEAD"] : []), "OPTIONS"]);
    for (const method of ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]) {
      if (known.includes(method)) continue;
      const { status, headers, body } = await api.call(method, address);

      assertEquals(headers.get("Allow")?.split(", ").sort(), [...allowed].sort(), `${method} ${path}`);
      assertEquals(status, method === "OPTIONS" ? 204 : 405, `${method} ${path}`);
      if (status === 405) assertEquals(body.code, "method_not_allowed");
    }
  }
});

Deno.test("No route reads a body without end", async () => {
  await using api = new Api();
  const body = " ".repeat(6 * 1024 * 1024 + 1);
  for (
    const { method, path } of judge.routes.filter(({ operation }) => operation.requestBody !== undefined)
  ) {
    const [status, code] = await api.refusal(method, path.replaceAll(/\{\w+\}/g, "none"), { body });

    assertEquals([status, code], [413, "body_too_large"], `${method} ${path}`);
  }
});
