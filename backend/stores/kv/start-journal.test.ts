import { assertEquals } from "@std/assert";
import { randomBytes, randomUUID } from "node:crypto";
import { soon } from "../../lib/clock.ts";
import { readJournal, StartJournal } from "./start-journal.ts";

const isOpen = () => true;
const LONG = randomUUID();

function withJournal(test: (journal: StartJournal, file: Deno.FsFile) => Promise<void> | void) {
  return async () => {
    const path = Deno.makeTempFileSync();
    const file = Deno.openSync(path, { read: true, write: true });
    try {
      await test(new StartJournal(file, crypto.randomUUID()), file);
      await new Promise<void>(soon); // what ended() writes later
    } finally {
      file.close();
      Deno.removeSync(path);
    }
  };
}

Deno.test(
  "StartJournal: in whatever order handlers start and end, it shows those that run",
  withJournal(async (journal, file) => {
    journal.started(LONG, "long"); // and still runs when the journal has gone round
    const running = new Map<string, string>();
    for (let step = 0; step < 20_000; step++) {
      const [start, which] = randomBytes(2);
      if (running.size === 0 || (start! % 2 === 0 && running.size < 20)) {
        const seq = randomUUID();
        running.set(`run ${step}`, seq);
        journal.started(seq, `run ${step}`);
      } else {
        const run = [...running.keys()][which! % running.size]!;
        running.delete(run);
        journal.ended(run, isOpen);
        if (which! % 3 === 0) await new Promise<void>(soon);
      }
      // A start writes at once, an end before the process waits for anything else.
      if (step % 97 === 0) {
        await new Promise<void>(soon);
        assertEquals(readJournal(file), new Set([...running.values(), LONG]));
      }
    }
  }),
);

Deno.test(
  "StartJournal: a start is written before started() returns, and takes the ends before it along",
  withJournal((journal, file) => {
    const [a, b, c] = [randomUUID(), randomUUID(), randomUUID()];
    journal.started(a, "a");
    journal.started(b, "b");
    journal.ended("b", isOpen);
    journal.started(c, "c");
    assertEquals(readJournal(file), new Set([a, c]));
  }),
);

Deno.test(
  "StartJournal: a row of short jobs costs one record each, and the file does not grow for ever",
  withJournal(async (journal, file) => {
    for (let n = 0; n < 40_000; n++) {
      journal.started(randomUUID(), `run ${n}`);
      journal.ended(`run ${n}`, isOpen);
      if (n === 999) assertEquals(file.seekSync(0, Deno.SeekMode.Current), 1_000 * 64);
      if (n % 1_000 === 0 && n > 0) await new Promise<void>(soon);
    }
    await new Promise<void>(soon);
    assertEquals(readJournal(file), new Set());
    assertEquals(file.statSync().size, 4_096 * 64 + 36); // the signature is behind the records
  }),
);

Deno.test(
  "StartJournal: an end of an earlier run does not end a later one",
  withJournal(async (journal, file) => {
    const seq = randomUUID();
    journal.started(seq, "first");
    journal.started(seq, "second");
    journal.ended("first", isOpen);
    await new Promise<void>(soon);
    assertEquals(readJournal(file), new Set([seq]));
  }),
);
