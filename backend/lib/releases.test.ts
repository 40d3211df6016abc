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
    return new Queue({ store: new MemoryStore({ data, workerId }), clock, process });
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

Deno.test("Queue.start() without a version notes nothing", async () => {
  const { open, changes } = setup();
  await using queue = open();
  await new Releases(queue).begin("v1");
  await queue.start();

  assertEquals(await changes(queue), []);
});
