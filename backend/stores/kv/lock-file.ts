import { soon, systemClock } from "../../lib/clock.ts";
import { WorkerIdInUseError } from "../../lib/errors.ts";

/** Bytes of a slot; a UUID and a spare. One slot never crosses a page, so a kill cannot tear it. */
const SLOT = 64;
const SEQ_LENGTH = 36;
/** How long a start tries for its id: another process may be probing the lock at this moment. */
const TRY_FOR_MS = 1_000;

const EMPTY = new Uint8Array(SLOT);

/** Where the lock file of process `id` of the database at `path` lies. */
function lockPath(path: string, id: string): string {
  return `${path}.proc-${encodeURIComponent(id)}`;
}

/**
 * A process's sign of life: a file it holds an OS lock on. The system frees the lock at once when the process
 * dies, however it dies, so a free lock proves death. The file also says which handlers were running: each
 * writes its job into a slot before it starts. Slots survive SIGKILL (they are in the system's page cache), and are
 * not synced: after a power failure they may be old, and then a job is charged, or not, wrongly.
 *
 * Lock files are never deleted: a deleted one could be locked by two processes at once.
 */
export class LockFile {
  #file: Deno.FsFile;
  #slots = new Map<string, number>();
  /** Slots of handlers that have returned. Their old text is overwritten by the next start, or cleared then. */
  #stale: number[] = [];
  #free: number[] = [];
  #next = 0;
  /** The slot at which the file stands: the next in a row needs no seek. −1: not known. */
  #at = -1;
  readonly #text = new Uint8Array(SLOT);
  #closed = false;

  private constructor(readonly id: string, file: Deno.FsFile) {
    this.#file = file;
  }

  /**
   * Takes the id, or the first free `host-N` without one.
   *
   * @throws {WorkerIdInUseError} A live process holds `id`.
   */
  static async take(path: string, id?: string): Promise<LockFile> {
    if (id === undefined) {
      for (let n = 1;; n++) {
        const candidate = `${Deno.hostname()}-${n}`;
        const file = tryLock(path, candidate);
        if (file !== null) return new LockFile(candidate, file);
      }
    }
    for (let waited = 0;; waited += 50) {
      const file = tryLock(path, id);
      if (file !== null) return new LockFile(id, file);
      if (waited >= TRY_FOR_MS) throw new WorkerIdInUseError(id);
      await systemClock.sleep(50);
    }
  }

  /** Jobs whose handlers were running when the former holder of this id ended. */
  formerlyStarted(): Set<string> {
    return readSlots(this.#file);
  }

  /** Forgets what the former holder wrote, once its jobs are in other hands. */
  clear(): void {
    this.#file.truncateSync(0);
    this.#at = -1;
  }

  /** The handler of job `seq` is about to run, in the run that `lease` stands for. About 1.5 µs. */
  mark(seq: string, lease: string): void {
    const slot = this.#stale.pop() ?? this.#free.pop() ?? this.#next++;
    this.#clearStale();
    this.#slots.set(lease + seq, slot);
    for (let i = 0; i < SEQ_LENGTH; i++) this.#text[i] = seq.charCodeAt(i);
    this.#write(slot, this.#text);
  }

  /** The handler of job `seq` has returned, of that very run: a later run may have begun. */
  unmark(seq: string, lease: string): void {
    const slot = this.#slots.get(lease + seq);
    if (slot === undefined) return;
    this.#slots.delete(lease + seq);
    if (this.#stale.push(slot) === 1) soon(() => this.#clearStale());
  }

  /** In a row of short jobs each start overwrites the slot of the one before, which saves a write a job. */
  #clearStale(): void {
    for (let slot = this.#stale.pop(); slot !== undefined; slot = this.#stale.pop()) {
      this.#write(slot, EMPTY);
      this.#free.push(slot);
    }
  }

  #write(slot: number, bytes: Uint8Array): void {
    if (this.#closed) return;
    if (slot !== this.#at) this.#file.seekSync(slot * SLOT, Deno.SeekMode.Start);
    this.#file.writeSync(bytes);
    this.#at = slot + 1;
  }

  /** Lets go of the id. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#file.close();
  }
}

function tryLock(path: string, id: string): Deno.FsFile | null {
  const file = Deno.openSync(lockPath(path, id), { read: true, write: true, create: true, mode: 0o600 });
  if (file.tryLockSync(true)) return file;
  file.close();
  return null;
}

function readSlots(file: Deno.FsFile): Set<string> {
  const size = file.statSync().size;
  const bytes = new Uint8Array(size);
  file.seekSync(0, Deno.SeekMode.Start);
  for (let read = 0; read < size;) {
    const n = file.readSync(bytes.subarray(read));
    if (n === null) break;
    read += n;
  }
  const decoder = new TextDecoder();
  const seqs = new Set<string>();
  for (let at = 0; at + SEQ_LENGTH <= size; at += SLOT) {
    if (bytes[at] !== 0) seqs.add(decoder.decode(bytes.subarray(at, at + SEQ_LENGTH)));
  }
  return seqs;
}

/** What a look at another process's lock file tells. */
export type Probe =
  /** It holds its lock. */
  | { state: "alive" }
  /** There is no file, or it cannot be locked here: nothing is proven. */
  | { state: "unknown" }
  /** Its lock was free and is ours until `release`: nobody can start under its id meanwhile. */
  | { state: "dead"; started: Set<string>; release(): void };

/** Looks whether process `id` of the database at `path` lives. */
export function probe(path: string, id: string): Probe {
  let file: Deno.FsFile;
  try {
    file = Deno.openSync(lockPath(path, id), { read: true, write: true });
  } catch {
    return { state: "unknown" };
  }
  try {
    if (file.tryLockSync(true)) {
      return { state: "dead", started: readSlots(file), release: () => file.close() };
    }
    file.close();
    return { state: "alive" };
  } catch {
    file.close();
    return { state: "unknown" };
  }
}
