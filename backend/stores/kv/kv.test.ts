import { assertInstanceOf } from "@std/assert";
import { testStore } from "../conformance.ts";
import { KvLab } from "./fixture.ts";
import { KvStore } from "./store.ts";

testStore("KvStore", {
  create(clock) {
    const lab = new KvLab(clock);
    return {
      open: (workerId) => lab.open(workerId),
      crash(store) {
        assertInstanceOf(store, KvStore);
        lab.crash(store);
      },
      leaseMs: 0,
      dispose: () => lab.dispose(),
    };
  },
});
