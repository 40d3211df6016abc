import { assertEquals } from "@std/assert";
import { makeJobs } from "../../testing/factories.ts";
import { FakeClock } from "../../testing/fake-clock.ts";
import { assertConsistent, claim, idsOf } from "../conformance/harness.ts";
import { KvLab } from "./fixture.ts";
import { createKeys } from "./keys.ts";

const keys = createKeys("cronosaur");

Deno.test("upgrade() finds the pending jobs of a file from before where they are looked for now", async () => {
  const clock = new FakeClock();
  const lab = new KvLab(clock);
  try {
    const store = await lab.open();
    const jobs = makeJobs(300).map((job, i) => ({ ...job, priority: i % 100 }));
    await store.insert(jobs.map((job) => ({ job })), clock.now());
    const kv = await Deno.openKv(lab.path);
    for await (const { key, value } of kv.list({ prefix: keys.readies() })) {
      await kv.atomic().delete(key).set([...keys.formerReadies(), ...key.slice(1)], value).commit();
    }
    kv.close();

    const [first, second] = await Promise.all([lab.open(), lab.open()]);

    const claimed = await claim(first, clock.now(), ["test"], 200);
    claimed.push(...await claim(second, clock.now(), ["test"], 200));
    assertEquals(idsOf(claimed).sort(), idsOf(jobs).sort());
    await assertConsistent(first);
  } finally {
    await lab.dispose();
  }
});
