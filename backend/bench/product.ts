import { createJobs } from "../jobs.ts";
import { type Contender, DATA, type Subject, TYPE } from "./contender.ts";

/** This program, by its public API and with its defaults. */
export const product: Contender = {
  name: "cronosaur",

  open(path, concurrency): Promise<Subject> {
    const jobs = createJobs({ store: `kv:${path}`, concurrency });
    const { queue } = jobs;
    return Promise.resolve({
      add: () => queue.add(TYPE, DATA),
      addMany: (count) => queue.addMany(Array.from({ length: count }, () => ({ type: TYPE, data: DATA }))),
      async run(handler) {
        queue.process(TYPE, handler);
        await jobs.start();
      },
      async settled() {
        await queue.drain();
      },
      close: () => jobs.stop(),
    });
  },
};
