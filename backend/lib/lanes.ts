import type { HandlerRegistry, RegisteredHandler } from "./handlers.ts";

/** One type a worker handles, as far as claiming goes. */
export interface Lane {
  readonly handler: RegisteredHandler;
  /** Claimed and not yet ended, running or waiting to run. */
  held: number;
  /** The last claim found no more jobs of it: ask again when something changes. */
  dry: boolean;
}

/** The types one worker handles: what may be claimed of each. */
export class Lanes {
  readonly #registry: HandlerRegistry;
  readonly #families: readonly string[] | undefined;
  readonly #lanes = new Map<string, Lane>();

  /** @param families Only these types and families. @default all that are registered */
  constructor(registry: HandlerRegistry, families?: readonly string[]) {
    this.#registry = registry;
    this.#families = families;
  }

  /** Takes in types that were registered since. */
  update(): void {
    for (const handler of this.#registry.matching(this.#families)) {
      if (!this.#lanes.has(handler.type)) this.#lanes.set(handler.type, { handler, held: 0, dry: false });
    }
  }

  get(type: string): Lane | undefined {
    return this.#lanes.get(type);
  }

  /** True if one of `types` is handled here. */
  hasAny(types: ReadonlySet<string>): boolean {
    for (const type of types) if (this.#lanes.has(type)) return true;
    return false;
  }

  types(): string[] {
    return [...this.#lanes.keys()];
  }

  /** Something changed: any type may have jobs again. */
  refill(): void {
    for (const lane of this.#lanes.values()) lane.dry = false;
  }

  /** How many of each type to ask for when `free` more jobs may be held in all; types that need no asking are absent. */
  wanted(free: number): Map<string, number> {
    const wanted = new Map<string, number>();
    for (const [type, lane] of this.#lanes) {
      const slots = Math.min(free, lane.handler.concurrency - lane.held);
      if (!lane.dry && slots > 0) wanted.set(type, slots);
    }
    return wanted;
  }

  /** A claim that asked for `wanted` was given nothing. One that was given too little says nothing: stores give what they have at hand. */
  foundNone(wanted: ReadonlyMap<string, number>): void {
    for (const type of wanted.keys()) {
      const lane = this.#lanes.get(type);
      if (lane !== undefined) lane.dry = true;
    }
  }
}
