import { assertEquals, assertThrows } from "@std/assert";
import { InputRangeError, InputTypeError } from "../lib/errors.ts";
import { Queue } from "../lib/queue.ts";
import { MemoryStore } from "../stores/memory.ts";
import { FileLab } from "../testing/cleanup-setup.ts";
import { serveLocally } from "../testing/local-server.ts";
import { registerAllWorkers, type RegisterOptions, WORKER_FAMILIES } from "./index.ts";

function makeQueue(): Queue {
  return new Queue({ store: new MemoryStore() });
}

const CLEANUPS = ["expired-sessions", "job-logs", "old-files", "old-jobs", "temp-files"].map((name) =>
  `cleanup:${name}`
);

Deno.test("registerAllWorkers() registers every family, or those named", () => {
  const typesWith = (options?: RegisterOptions) => {
    const queue = makeQueue();
    registerAllWorkers(queue, options);
    return queue.types().sort();
  };

  assertEquals(typesWith(), [...CLEANUPS, "webhook:deliver", "webhook:send"]);
  assertEquals(typesWith({ families: "all" }), [...CLEANUPS, "webhook:deliver", "webhook:send"]);
  assertEquals(typesWith({ families: ["cleanup"] }), CLEANUPS);
  assertEquals(typesWith({ families: ["webhook", "webhook"] }), ["webhook:deliver", "webhook:send"]);
  assertEquals(typesWith({ families: [] }), []);
  assertEquals(WORKER_FAMILIES, ["webhook", "cleanup"]);
});

Deno.test("registerAllWorkers() refuses an unknown family by its place, and registers nothing", () => {
  const queue = makeQueue();
  const bad: [unknown, string][] = [
    [["webhook", "webhoook"], 'options.families[1]: must be one of webhook, cleanup, found "webhoook"'],
    [["all"], 'options.families[0]: must be one of webhook, cleanup, found "all"'],
    [[1], "options.families[0]: must be one of webhook, cleanup, found 1"],
  ];
  for (const [families, message] of bad) {
    assertThrows(() => registerAllWorkers(queue, { families } as RegisterOptions), InputRangeError, message);
  }
  assertEquals(queue.types(), []);
});

Deno.test("registerAllWorkers() refuses options it does not know, and switches that are no booleans", () => {
  const refuse = (options: unknown, message: string) =>
    assertThrows(() => registerAllWorkers(makeQueue(), options as RegisterOptions), InputTypeError, message);

  refuse({ family: ["webhook"] }, "options.family: is not a known field");
  refuse({ families: "webhook" }, 'options.families: must be "all" or an array of names, found "webhook"');
  refuse({ allowPrivateUrls: "false" }, 'options.allowPrivateUrls: must be true or false, found "false"');
  refuse({ cleanup: { directory: "/" } }, "options.cleanup.directory: is not a known field");
  refuse({ cleanup: null }, "options.cleanup: must be an object");
  refuse(null, "options: must be an object");
});

Deno.test("registerAllWorkers() lets cleanups delete files only where told to", async () => {
  using lab = new FileLab();
  for (const directories of [[], [lab.root]]) {
    await using queue = makeQueue();
    registerAllWorkers(queue, { cleanup: { directories } });
    const id = await queue.add("cleanup:old-files", { directory: lab.root, olderThanDays: 1 });

    await queue.drain();

    assertEquals((await queue.get(id))?.status, directories.length > 0 ? "completed" : "failed");
  }
});

Deno.test("registerAllWorkers() lets webhooks reach private addresses only if told to", async () => {
  await using server = serveLocally(() => new Response());
  for (const allowPrivateUrls of [true, false]) {
    await using queue = makeQueue();
    registerAllWorkers(queue, { allowPrivateUrls });
    const id = await queue.add("webhook:send", { url: server.origin });

    await queue.drain();

    assertEquals((await queue.get(id))?.status, allowPrivateUrls ? "completed" : "failed");
  }
});
