import { decodeCursor, encodeCursor } from "../../lib/filter.ts";
import type { JobProgress, RunningJob } from "../../lib/job.ts";
import type { LogLine, LogPage } from "../../lib/store.ts";
import { decode, encode } from "./codec.ts";
import { commit, Conflict, type Context } from "./context.ts";
import { type Entry, reserveAndSet } from "./entries.ts";
import type { Telling } from "./feed-codec.ts";

/** Bytes of log lines kept in one value. */
const CHUNK = 50_000;

/** Numbers the chunks of one process, so that two of one millisecond stay in order. */
let chunks = 0;

/** Stores lines in chunks, oldest first. */
export async function appendLogs(context: Context, seq: string, lines: readonly LogLine[]): Promise<void> {
  const entries: Entry[] = [];
  for (const some of split(lines)) {
    entries.push([context.keys.log(seq, some[0]?.at ?? 0, chunks++), encode(some)]);
  }
  await Promise.all(entries.map((entry) =>
    new Promise<void>((resolve, reject) =>
      context.committer.submit({
        build: (batch) => reserveAndSet(batch, [entry]),
        committed: () => resolve(),
        fenced: () => false,
        failed: reject,
      })
    )
  ));
}

function split(lines: readonly LogLine[]): LogLine[][] {
  const made: LogLine[][] = [];
  let size = Infinity;
  for (const line of lines) {
    const bytes = encode(line).length + 1;
    if (size + bytes > CHUNK) {
      made.push([]);
      size = 0;
    }
    made.at(-1)?.push(line);
    size += bytes;
  }
  return made;
}

/** Reads lines from where the cursor says: a chunk's key and how many of its lines were shown. */
export async function readLogs(
  context: Context,
  seq: string,
  page: { cursor?: string; limit: number },
): Promise<LogPage> {
  const { reads, keys } = context;
  const from = page.cursor === undefined ? [-Infinity, 0, 0] : decodeCursor(seq, page.cursor) as number[];
  const [at = 0, n = 0, shown = 0] = from;
  const prefix = keys.logsOf(seq);
  const selector = page.cursor === undefined ? { prefix } : { prefix, start: keys.log(seq, at, n) };
  const lines: LogLine[] = [];
  for await (const entry of reads.list<Uint8Array>(selector, { batchSize: 10 })) {
    const [chunkAt, chunkN] = entry.key.slice(-2).map(Number);
    const skip = chunkAt === at && chunkN === n ? shown : 0;
    const chunk = decode(entry.value) as LogLine[];
    const room = page.limit - lines.length;
    lines.push(...chunk.slice(skip, skip + room));
    if (lines.length < page.limit) continue;
    return { lines, nextCursor: encodeCursor(seq, [chunkAt, chunkN, skip + room]) };
  }
  return { lines, nextCursor: null };
}

/** Stores how far a running job is; dropped if this process no longer holds it. */
export async function storeProgress(context: Context, job: RunningJob, progress: JobProgress): Promise<void> {
  const { process, keys } = context;
  const holding = process.holdings.get(job.seq);
  if (holding === undefined || holding.lease !== job.lease) return;
  holding.progress = progress;
  try {
    await commit(context, {
      build(batch) {
        // Settled meanwhile: its record has it, and nobody would delete this key any more.
        if (!process.holdings.has(job.seq)) return true;
        const entries: Entry[] = [[keys.progress(job.seq), encode(progress)]];
        const tellings: Telling[] = [["progress", { ...job, progress }]];
        return batch.own([job.seq]) && reserveAndSet(batch, entries, [], [], [], tellings);
      },
    });
  } catch (error) {
    if (!(error instanceof Conflict)) throw error;
  }
}
