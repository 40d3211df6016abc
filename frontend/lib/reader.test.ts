import { assertEquals } from "@std/assert";
import { FakeClock } from "../../backend/testing/fake-clock.ts";
import { Reader } from "./reader.ts";

const SPACING = 1000;

/** A reader whose reads end when the test says so. */
function setup() {
  const clock = new FakeClock();
  const reads: PromiseWithResolvers<string>[] = [];
  const told: string[] = [];
  const reader = new Reader<string>({
    load: () => {
      const read = Promise.withResolvers<string>();
      reads.push(read);
      return read.promise;
    },
    spacing: SPACING,
    sleep: (ms) => clock.sleep(ms),
    onData: (data) => told.push(data),
    onFailure: (error) => told.push(String(error)),
  });
  /** Ends the read number `index`. */
  const end = async (index: number, data: string) => {
    reads[index]?.resolve(data);
    await clock.sleep(0); // whoever waits for it has its turn
  };
  const pass = async (ms: number) => {
    clock.advance(ms);
    await clock.sleep(0);
  };
  return { reader, reads, told, end, pass };
}

Deno.test("Reader never reads twice at once, and reads afterwards what is wanted meanwhile", async () => {
  const { reader, reads, told, end, pass } = setup();

  reader.want();
  reader.want();
  await pass(SPACING);
  reader.want();
  assertEquals(reads.length, 1);

  await end(0, "older");
  assertEquals(reads.length, 2);
  await end(1, "newer");
  await pass(SPACING);
  assertEquals([reads.length, told], [2, ["older", "newer"]]);
});

Deno.test("Reader leaves its spacing between the beginnings of two reads", async () => {
  const { reader, reads, told, end, pass } = setup();

  reader.want();
  await end(0, "first");
  reader.want();
  await pass(SPACING - 1);
  assertEquals(reads.length, 1);
  await pass(1);
  assertEquals(reads.length, 2);

  await pass(SPACING + 1);
  await end(1, "second");
  reader.want(); // long enough after the last one began
  assertEquals([reads.length, told], [3, ["first", "second"]]);
});

Deno.test("Reader.stop() ends it: nothing is read or told any more", async () => {
  for (const ending of ["resolve", "reject"] as const) {
    const { reader, reads, told, pass } = setup();

    reader.want();
    reader.want();
    reader.stop();
    reads[0]?.[ending]("late");
    await pass(SPACING);
    await reader.hold(() => Promise.resolve());
    reader.want();
    await pass(SPACING);

    assertEquals([reads.length, told], [1, []], ending);
  }
});

Deno.test("Reader.hold() shows nothing that was asked for before it had ended", async () => {
  const { reader, reads, told, end, pass } = setup();
  const change = Promise.withResolvers<void>();

  reader.want();
  const held = reader.hold(() => change.promise);
  reader.want();
  await pass(SPACING);
  change.resolve();
  await held;
  await end(0, "before");
  assertEquals([reads.length, told], [2, []]);

  const refused = reader.hold(() => Promise.reject(new Error("refused"))).catch(String);
  await end(1, "meanwhile");
  assertEquals(await refused, "Error: refused");
  await pass(SPACING);
  await end(2, "after");
  assertEquals(told, ["after"]);
});

Deno.test("Reader reads nothing while one of several changes is on its way", async () => {
  const { reader, reads } = setup();
  const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];

  const helds = [reader.hold(() => first.promise), reader.hold(() => second.promise)];
  first.resolve();
  await helds[0];
  assertEquals(reads.length, 0);
  second.resolve();
  await helds[1];
  assertEquals(reads.length, 1);
});

Deno.test("Reader goes on after a read that failed", async () => {
  const { reader, reads, told, end, pass } = setup();

  reader.want();
  reads[0]?.reject(new Error("no answer"));
  await pass(SPACING);
  reader.want();
  await end(1, "again");

  assertEquals(told, ["Error: no answer", "again"]);
});
