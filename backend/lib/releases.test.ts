import { assertEquals } from "@std/assert";
import { MemoryData, MemoryStore } from "../stores/memory.ts";
import { FakeClock } from "../testing/fake-clock.ts";
import { Queue } from "./queue.ts";
import { Releases } from "./releases.ts";

/** Processes of any version on one store. */
function setup() {
  const clock = new FakeClock();
  const data = new MemoryData();
  const open = (version = "", workerId = `w-${version}`) => {
    const process = { host: "h", pid: 1, version, memory: () => 0 };
    const store = new MemoryStore({ data, workerId });
    return Object.assign(new Queue({ store, clock, process }), { crash: () => store.crash() });
  };
  const changes = async (queue: Queue) => {
    return (await new Releases(queue).list()).map(({ before, version, at }) => [before, version, at - start]);
  };
  const start = clock.now();
  return { clock, open, changes };
}

Deno.test("Releases.list() has each change of version, but not the first one", async () => {
  const { clock, open, changes } = setup();
  await using queue = open();
  const releases = new Releases(queue);
  for (const version of ["v1", "v1", "v2", "v2", "v1"]) {
    await releases.begin(version);
    clock.advance(1000);
  }

  assertEquals(await changes(queue), [["v1", "v2", 2000], ["v2", "v1", 4000]]);
});

Deno.test("Queue.start() notes its version once, also of processes that start together", async () => {
  const { open, changes } = setup();
  await using queue = open();
  await new Releases(queue).begin("v1");
  await using first = open("v2", "a");
  await using second = open("v2", "b");
  await Promise.all([first.start(), second.start()]);

  assertEquals(await changes(queue), [["v1", "v2", 0]]);
});

Deno.test("A process that starts anew beside others of its version is no change", async () => {
  const { clock, open, changes } = setup();
  await using web = open("web-2");
  await using mail = open("mail-1", "a");
  await web.start();
  await mail.start();
  clock.advance(11_000);
  await web.host().setScheduling(false); // shows that it is alive
  await using again = open("web-2", "b");
  await again.start();

  assertEquals(await changes(web), [["web-2", "mail-1", 0]]);
});

Deno.test("A process that begins to run long after it was opened is not taken for another of its version", async () => {
  const { clock, open, changes } = setup();
  await using queue = open("v1", "a");
  await queue.start();
  await using late = open("v2", "b");
  await late.ready();
  clock.advance(11_000);
  await late.start();

  assertEquals(await changes(queue), [["v1", "v2", 11_000]]);
});

Deno.test("A process that died runs its version no more: that another one does is a change", async () => {
  const { clock, open, changes } = setup();
  await using queue = open();
  await new Releases(queue).begin("v1");
  await using dead = open("v2", "a");
  await dead.start();
  dead.crash();
  await new Releases(queue).begin("v1");
  clock.advance(11_000);
  await using again = open("v2", "b");
  await again.start();

  assertEquals(await changes(queue), [["v1", "v2", 0], ["v2", "v1", 0], ["v1", "v2", 11_000]]);
});

Deno.test("Queue.start() without a version notes nothing", async () => {
  const { open, changes } = setup();
  await using queue = open();
  await new Releases(queue).begin("v1");
  await queue.start();

  assertEquals(await changes(queue), []);
});
