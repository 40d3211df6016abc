import type { RedisAddress } from "./bullmq.ts";
import type { Contender } from "./contender.ts";
import type { PostgresAddress } from "./postgres-database.ts";

/** Where a contender comes from, as it is told to the process that measures it. */
export type Origin =
  /** `path`: its `jobs.ts`. */
  | { kind: "product"; name: string; path: string }
  /** `folder`: where its `sketch.ts` is. */
  | { kind: "sketch"; name: string; folder: string }
  | { kind: "bullmq"; name: string; at: RedisAddress }
  | { kind: "graphile" | "pg-boss"; name: string; at: PostgresAddress }
  | { kind: "plainjob"; name: string };

/** This tree's `jobs.ts`. */
export const OWN_JOBS: string = new URL("../jobs.ts", import.meta.url).pathname;

/** Loads the contender and nothing that only others need. */
export async function loadContender(origin: Origin): Promise<Contender> {
  switch (origin.kind) {
    case "product":
      return await (await import("./product.ts")).loadProduct(origin.name, origin.path);
    case "sketch":
      return await (await import("./sketch.ts")).loadSketch(origin.folder);
    case "bullmq":
      return (await import("./bullmq.ts")).bullmq(origin.at);
    case "graphile":
      return (await import("./graphile.ts")).graphile(origin.at);
    case "pg-boss":
      return (await import("./pg-boss.ts")).pgBoss(origin.at);
    case "plainjob":
      return (await import("./plainjob.ts")).plainjob();
  }
}
