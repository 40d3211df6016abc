import { assertEquals, assertInstanceOf, assertRejects } from "@std/assert";
import { WorkerIdInUseError } from "../../lib/errors.ts";
import { makeJob } from "../../testing/factories.ts";
import { LockFile, probe } from "./lock-file.ts";

async function withFolder(test: (path: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await test(`${folder}/jobs.db`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("LockFile.take() without an id takes the first that is free", () =>
  withFolder(async (path) => {
    const [first, second] = [await LockFile.take(path), await LockFile.take(path)];
    assertEquals([first.id, second.id], [`${Deno.hostname()}-1`, `${Deno.hostname()}-2`]);
    first.close();

    const third = await LockFile.take(path);
    assertEquals(third.id, first.id);
    second.close();
    third.close();
  }));

Deno.test("LockFile.take() refuses an id in use", () =>
  withFolder(async (path) => {
    const lock = await LockFile.take(path, "mail-1");
    const error = await assertRejects(() => LockFile.take(path, "mail-1"));
    assertInstanceOf(error, WorkerIdInUseError);
    assertEquals(error.workerId, "mail-1");
    lock.close();
  }));

Deno.test("LockFile.take() waits while another process only probes", () =>
  withFolder(async (path) => {
    (await LockFile.take(path, "mail-1")).close();
    const observed = probe(path, "mail-1");
    assertEquals(observed.state, "dead");

    const taking = LockFile.take(path, "mail-1");
    if (observed.state === "dead") observed.release();

    (await taking).close();
  }));

Deno.test("probe() tells the living from the dead, and a missing file proves nothing", () =>
  withFolder(async (path) => {
    assertEquals(probe(path, "mail-1").state, "unknown");
    const lock = await LockFile.take(path, "mail-1");
    assertEquals(probe(path, "mail-1").state, "alive");
    lock.close();

    const found = probe(path, "mail-1");
    assertEquals(found.state, "dead");
    if (found.state === "dead") found.release();
  }));

Deno.test("probe() finds the dead dead while others look too, and tells one holder of an id from the next", () =>
  withFolder(async (path) => {
    const former = await LockFile.take(path, "mail-1");
    assertEquals(probe(path, "mail-1"), { state: "alive", instance: former.instance });
    former.close();

    const looks = [probe(path, "mail-1"), probe(path, "mail-1")];
    assertEquals(looks.map(({ state }) => state), ["dead", "dead"]);
    for (const look of looks) if (look.state === "dead") look.release();

    const lock = await LockFile.take(path, "mail-1");
    assertEquals(probe(path, "mail-1"), { state: "alive", instance: lock.instance });
    lock.clear();
    lock.mark(makeJob().seq, "lease");
    assertEquals(probe(path, "mail-1"), { state: "alive", instance: lock.instance });
    assertEquals(former.instance === lock.instance, false);
    lock.close();
  }));

Deno.test("LockFile.take() without an id takes a free one that others are looking at", () =>
  withFolder(async (path) => {
    const { id } = await LockFile.take(path).then((lock) => (lock.close(), lock));
    const observed = probe(path, id);
    const taking = LockFile.take(path);
    if (observed.state === "dead") observed.release();
    const lock = await taking;

    assertEquals(lock.id, id);
    lock.close();
  }));

Deno.test("LockFile: the started jobs of a dead process can be read, those that ended cannot", () =>
  withFolder(async (path) => {
    const lock = await LockFile.take(path, "mail-1");
    const [a, b, c, d] = Array.from({ length: 4 }, () => makeJob().seq);
    for (const seq of [a, b, c]) lock.mark(seq!, "lease");
    lock.unmark(b!, "lease");
    lock.mark(d!, "lease");
    lock.unmark(c!, "lease");
    lock.unmark(a!, "an earlier run");
    lock.mark(b!, "lease"); // takes the slot of c
    lock.close();

    const found = probe(path, "mail-1");
    if (found.state !== "dead") throw new Error(`The process is ${found.state}`);
    assertEquals(found.started, new Set([a, d, b]));
    found.release();
  }));

Deno.test("LockFile: what a former process left is there until it is cleared", () =>
  withFolder(async (path) => {
    const former = await LockFile.take(path, "mail-1");
    const { seq } = makeJob();
    former.mark(seq, "lease");
    former.close();

    const lock = await LockFile.take(path, "mail-1");
    assertEquals(lock.formerlyStarted(), new Set([seq]));
    lock.clear();
    assertEquals(lock.formerlyStarted(), new Set());
    lock.close();
  }));
