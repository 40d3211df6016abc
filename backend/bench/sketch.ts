import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { Contender, Setting, Subject } from "./contender.ts";

/** What is used of a `KvQueue`. */
interface KvQueue {
  add(type: string, data: unknown): Promise<string>;
  addMany(jobs: { type: string; data: unknown }[]): Promise<string[]>;
  process(concurrency: number, handler: () => unknown): void;
  close(): Promise<void>;
}

type KvQueueClass = new (
  kv: Deno.Kv,
  prefix: string,
  queue: string,
  options: { lease: number; keep: boolean; ahead: number },
) => KvQueue;

/** The options its own benchmark uses: finished jobs are kept, up to 400 are claimed ahead. */
const OPTIONS = { lease: 15_000, keep: true, ahead: 400 };

/**
 * The queue in `sketch.ts` of `folder`, loaded from where it lies.
 *
 * @throws {Error} If there is none.
 */
export async function loadSketch(folder: string): Promise<Contender> {
  const path = resolve(folder, "sketch.ts");
  const { KvQueue } = await import(pathToFileURL(path).href) as { KvQueue?: KvQueueClass };
  if (KvQueue === undefined) throw new Error(`Cannot use ${path}: it exports no KvQueue`);
  return { name: "sketch", open: (setting) => openSketch(KvQueue, setting) };
}

async function openSketch(Queue: KvQueueClass, setting: Setting): Promise<Subject> {
  const { folder, concurrency, types, data } = setting;
  const kv = await Deno.openKv(`${folder}/sketch.db`);
  const make = () => new Queue(kv, "q", "default", OPTIONS);
  const typeOf = (i: number) => types[i % types.length] ?? "";
  const adder = make();
  let runner: KvQueue | null = null;
  const stop = async () => {
    const running = runner;
    runner = null;
    await running?.close();
  };
  return {
    // Jobs wake only the instance they are added by.
    add: () => (runner ?? adder).add(typeOf(0), data),
    addMany: (count) =>
      (runner ?? adder).addMany(Array.from({ length: count }, (_, i) => ({ type: typeOf(i), data }))),
    run(handler) {
      runner = make();
      runner.process(concurrency, handler);
      return Promise.resolve();
    },
    settled: stop,
    async close() {
      await stop();
      kv.close();
    },
  };
}
