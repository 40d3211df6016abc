import { assertInstanceOf } from "@std/assert";
import { testStore } from "./conformance.ts";
import { MemoryData, MemoryStore } from "./memory.ts";

testStore("MemoryStore", {
  create(clock) {
    const data = new MemoryData();
    return {
      async open(workerId) {
        const store = new MemoryStore({ data, workerId });
        await store.open(clock.now());
        return store;
      },
      crash(store) {
        assertInstanceOf(store, MemoryStore);
        store.crash();
      },
      leaseMs: 0,
      dispose() {},
    };
  },
});
