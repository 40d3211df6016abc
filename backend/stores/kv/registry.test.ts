import { assertEquals } from "@std/assert";
import { makePause, makeReport } from "../../testing/factories.ts";
import { FakeClock } from "../../testing/fake-clock.ts";
import { KvLab } from "./fixture.ts";
import { createKeys } from "./keys.ts";
import { probe } from "./lock-file.ts";

Deno.test("workers() shows nobody as alive by the report of one who had its id before", async () => {
  const clock = new FakeClock();
  const lab = new KvLab(clock);
  try {
    const [died, other] = [await lab.open("host-1"), await lab.open("host-2")];
    await died.heartbeat(makeReport(), clock.now());
    const alive = async () => (await other.workers(clock.now())).map(({ id, alive }) => [id, alive]);
    assertEquals(await alive(), [["host-1", true]]);
    lab.crash(died);
    const heir = await lab.open("host-1"); // it has not said anything of itself yet

    assertEquals(await alive(), [["host-1", false]]);
    await heir.heartbeat(makeReport(), clock.now());
    assertEquals(await alive(), [["host-1", true]]);
    assertEquals("instance" in (await other.workers(clock.now()))[0]!, false);
  } finally {
    await lab.dispose();
  }
});

Deno.test("workers() shows the dead as dead while a third process looks at its lock", async () => {
  const clock = new FakeClock();
  const lab = new KvLab(clock);
  try {
    const [died, other] = [await lab.open("host-1"), await lab.open("host-2")];
    await died.heartbeat(makeReport(), clock.now());
    lab.crash(died);

    const found = probe(lab.path, "host-1");
    assertEquals((await other.workers(clock.now())).map(({ alive }) => alive), [false]);
    if (found.state === "dead") found.release();
  } finally {
    await lab.dispose();
  }
});

Deno.test("queues() shows a queue as paused, by nobody, that an earlier version has paused", async () => {
  const lab = new KvLab(new FakeClock());
  try {
    const store = await lab.open();
    const kv = await Deno.openKv(lab.path);
    await kv.set(createKeys("cronosaur").paused("q"), new Uint8Array(0)); // as it was written then
    kv.close();

    assertEquals(await store.queues(), [{ name: "q", paused: true }]);
    assertEquals(await store.setPaused("q", true), null);
    const said = makePause({ by: "ada" });
    assertEquals(await store.setPaused("q", true, said), said);
    assertEquals(await store.queues(), [{ name: "q", paused: true, pause: said }]);
    await store.setPaused("q", false);
    assertEquals(await store.queues(), [{ name: "q", paused: false }]);
  } finally {
    await lab.dispose();
  }
});
