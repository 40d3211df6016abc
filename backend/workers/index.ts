import { checkFields, describe } from "../lib/check.ts";
import { InputRangeError, InputTypeError } from "../lib/errors.ts";
import type { Queue } from "../lib/queue.ts";
import { checkCleanupSettings, type CleanupSettings } from "./cleanup/settings.ts";
import { registerCleanups } from "./cleanup-worker.ts";
import { defineDelivery, defineWebhook } from "./webhook-worker.ts";

/** Which ready-made handlers a process runs, and what they may do. */
export interface RegisterOptions {
  /** Families (`"webhook"`) to register. @default "all" */
  families?: "all" | readonly string[];
  /** Lets webhooks reach loopback, private and all other special addresses. @default false */
  allowPrivateUrls?: boolean;
  /** What cleanups may delete. @default no files */
  cleanup?: CleanupSettings;
}

/** Deliveries of events to endpoints that a process makes at the same time. */
const DELIVERIES = 50;

/** What registers a family. */
type Register = (queue: Queue, options: { allowPrivateUrls: boolean; cleanup: CleanupSettings }) => void;

/** The ready-made families, and how each is registered. */
const FAMILIES: ReadonlyMap<string, Register> = new Map<string, Register>([
  ["webhook", (queue, { allowPrivateUrls }) => {
    const delivery = defineDelivery(queue, { allowPrivateUrls });
    // Receivers are strangers: however slow they are, the jobs of this process go on.
    queue.process(defineWebhook({ allowPrivateUrls }))
      .process(delivery, { concurrency: DELIVERIES, takesSlot: false });
  }],
  ["cleanup", (queue, { cleanup }) => registerCleanups(queue, cleanup)],
]);

const FIELDS: ReadonlySet<keyof RegisterOptions> = new Set(["families", "allowPrivateUrls", "cleanup"]);

/** The names `registerAllWorkers` knows. */
export const WORKER_FAMILIES: readonly string[] = [...FAMILIES.keys()];

/**
 * Registers the ready-made handlers (`webhook:send`, `cleanup:old-files`, …) on `queue`. Nothing runs until `queue.start()`.
 *
 * @throws {InputTypeError} An option is unknown or of the wrong type; nothing was registered.
 * @throws {InputRangeError} A family is unknown; nothing was registered.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { Queue } from "../lib/queue.ts";
 * import { MemoryStore } from "../stores/memory.ts";
 * import { registerAllWorkers } from "./index.ts";
 *
 * const queue = new Queue({ store: new MemoryStore() });
 * registerAllWorkers(queue, { families: ["webhook"] });
 * assertEquals(queue.types(), ["webhook:send", "webhook:deliver"]);
 * ```
 */
export function registerAllWorkers(queue: Queue, options: RegisterOptions = {}): void {
  const { families = "all", allowPrivateUrls = false, cleanup: given = {} } = checkFields(
    options,
    "options",
    FIELDS,
  );
  if (typeof allowPrivateUrls !== "boolean") {
    throw new InputTypeError(
      "options.allowPrivateUrls",
      `must be true or false, found ${describe(allowPrivateUrls)}`,
    );
  }
  const cleanup = checkCleanupSettings(given, "options.cleanup");
  for (const family of new Set(checkFamilies(families))) {
    FAMILIES.get(family)?.(queue, { allowPrivateUrls, cleanup });
  }
}

function checkFamilies(value: unknown): readonly string[] {
  if (value === "all") return WORKER_FAMILIES;
  if (!Array.isArray(value)) {
    throw new InputTypeError(
      "options.families",
      `must be "all" or an array of names, found ${describe(value)}`,
    );
  }
  for (const [i, name] of value.entries()) {
    if (FAMILIES.has(name)) continue;
    const known = WORKER_FAMILIES.join(", ");
    throw new InputRangeError(`options.families[${i}]`, `must be one of ${known}, found ${describe(name)}`);
  }
  return value;
}
