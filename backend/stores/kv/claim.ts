import type { RunningJob } from "../../lib/job.ts";
import type { ClaimRequest } from "../../lib/store.ts";
import type { Batch, Write } from "./batch.ts";
import { type Claimed, load, read } from "./claim-load.ts";
import { takeFromBatch, takeFromMemory } from "./claim-take.ts";
import type { Context } from "./context.ts";

/**
 * Claims jobs: takes the front of the ready lists out of memory and, in one commit that checks the claim lock, out of
 * their pages, and names them in this process's key. Three checks, for any number of jobs.
 *
 * If nothing is pending and jobs are on their way in, it claims those with the commit that stores them.
 */
export async function claim(context: Context, request: ClaimRequest): Promise<RunningJob[]> {
  const { ready, adds } = context;
  const { now } = request;
  if (adds.length > 0 && ready.hasNothing(request)) {
    const claimed = await commitClaim(context, request);
    if (claimed !== "refused" && claimed.length > 0) return await load(context, claimed, now);
  }
  for (;;) {
    const reading = ready.fill(request);
    if (reading !== undefined) await reading;
    const claimed = ready.has(request) ? await commitClaim(context, request) : [];
    if (claimed === "refused") continue;
    if (claimed.length > 0) return await load(context, claimed, now);
    if (!ready.unsure(request)) return [];
  }
}

function commitClaim(context: Context, request: ClaimRequest): Promise<Claimed[] | "refused"> {
  return new Promise((resolve, reject) =>
    context.committer.submit(new Claim(context, request, resolve, reject))
  );
}

/** A claim on its way to the disk. */
class Claim implements Write {
  #claimed: Claimed[] = [];

  constructor(
    readonly context: Context,
    readonly request: ClaimRequest,
    readonly resolve: (claimed: Claimed[] | "refused") => void,
    readonly reject: (error: unknown) => void,
  ) {}

  build(batch: Batch): boolean {
    this.#claimed = [];
    if (batch.takesEntry) return false; // what a verb takes away in the same commit may still be in memory
    if (this.context.ready.lockVersion === undefined) return true;
    const taken = takeFromMemory(this.context, batch, this.request);
    if (taken !== null) this.#claimed = taken;
    return taken !== null;
  }

  join(batch: Batch): void {
    const { ready } = this.context;
    if (this.#claimed.length > 0 || batch.checksLock || batch.takesEntry || !ready.hasNothing(this.request)) {
      return;
    }
    this.#claimed = takeFromBatch(this.context, batch, this.request);
  }

  sent(): void {
    for (const { entry, holding } of this.#claimed) read(holding, entry, entry.text, this.context.process.id);
  }

  committed(): void {
    this.#end(this.#claimed);
  }

  conflict(): void {
    this.#end("refused");
  }

  fenced(): boolean {
    this.#end("refused");
    return true;
  }

  failed(error: unknown): void {
    this.context.ready.takenSettled();
    this.reject(error);
  }

  #end(claimed: Claimed[] | "refused"): void {
    this.context.ready.takenSettled();
    this.resolve(claimed);
  }
}
