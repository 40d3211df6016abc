import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { serveLocally } from "../../testing/local-server.ts";
import { webhookSchema } from "./data.ts";
import { deliver, type WebhookContext } from "./deliver.ts";

/** What a job of this data gives its handler. `fail` throws its reason. */
function contextOf(url: string, signal: AbortSignal): WebhookContext {
  return {
    id: "job-1",
    data: webhookSchema.parse({ url }),
    signal,
    fail: (reason) => {
      throw reason;
    },
  };
}

Deno.test("deliver() rejects with the signal's reason when its attempt is ended from outside", async () => {
  const arrived = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<Response>();
  await using server = serveLocally(() => {
    arrived.resolve();
    return answer.promise;
  });
  const controller = new AbortController();
  const reason = new Error("Cancelled by a person");

  const sent = deliver(contextOf(server.origin, controller.signal), { allowPrivateUrls: true });
  await arrived.promise;
  controller.abort(reason);

  assertStrictEquals(await assertRejects(() => sent), reason);
  answer.resolve(new Response());
});

Deno.test("deliver() sends a caller's header once, whatever its case", async () => {
  let types: string | null = null;
  await using server = serveLocally((request) => {
    types = request.headers.get("content-type");
    return new Response();
  });
  const context = contextOf(server.origin, new AbortController().signal);
  const data = { ...context.data, headers: { "CONTENT-TYPE": "application/cloudevents+json" }, body: {} };

  const result = await deliver({ ...context, data }, { allowPrivateUrls: true });

  assertEquals(result, { status: 200 });
  assertEquals(types, "application/cloudevents+json");
});

Deno.test("deliver() completes on a 2xx whose body never ends", async () => {
  const body = new ReadableStream({
    start: (controller) => controller.enqueue(new Uint8Array(100_000)), // and nothing after it
  });
  await using server = serveLocally(() => new Response(body));

  const result = await deliver(contextOf(server.origin, new AbortController().signal), {
    allowPrivateUrls: true,
  });

  assert(result.status === 200);
});
