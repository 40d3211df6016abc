import { assert, assertEquals } from "@std/assert";
import { createApp } from "../app.ts";
import { Queue } from "../lib/queue.ts";
import { Scheduler } from "../lib/scheduler.ts";
import { MemoryStore } from "../stores/memory.ts";
import { frontRoutes } from "./front.ts";

function setup(basePath: string) {
  const queue = new Queue({ store: new MemoryStore() });
  const scheduler = new Scheduler(queue);
  const app = createApp({ queue, scheduler, authorize: () => null, basePath })
    .route("/", frontRoutes(basePath));
  return { app, queue };
}

Deno.test("GET / of a service says where to go on, under any base path, without a token", async () => {
  for (const basePath of ["/", "/ops/jobs"]) {
    const { app, queue } = setup(basePath);
    const answer = await app.request(basePath);
    const front = await answer.json();

    assertEquals(answer.status, 200);
    assertEquals(answer.headers.get("X-Content-Type-Options"), "nosniff");
    assert(answer.headers.get("X-Request-Id"));
    assertEquals((await app.request(front.jobs)).status, 401);
    assertEquals((await app.request(front.health)).status, 200);
    assert(front.authorization.includes("data/tokens.env"));
    assertEquals((await app.request(basePath, { method: "HEAD" })).status, 200);
    await queue.stop();
  }
});

Deno.test("GET / opens nothing else", async () => {
  const { app, queue } = setup("/ops");
  for (const path of ["/ops/nothing", "/ops/api/admin", "/", "/opsx"]) {
    assertEquals((await app.request(path)).status, 404, path);
  }
  const post = await app.request("/ops", { method: "POST" });
  assertEquals([post.status, post.headers.get("Allow")], [405, "GET, HEAD, OPTIONS"]);
  assertEquals((await post.json()).code, "method_not_allowed");
  assertEquals((await app.request("/ops", { method: "OPTIONS" })).status, 204);
  await queue.stop();
});
