import { systemClock } from "../../lib/clock.ts";
import { WorkerIdInUseError } from "../../lib/errors.ts";
import { readJournal, readSignature, StartJournal } from "./start-journal.ts";

/** How long a start tries for its id: another process may be probing the lock at this moment. */
const TRY_FOR_MS = 1_000;
/** Milliseconds between two tries. */
const TRY_EVERY_MS = 10;

/** Where the lock file of process `id` of the database at `path` lies. */
function lockPath(path: string, id: string): string {
  return `${path}.proc-${encodeURIComponent(id)}`;
}

/**
 * A process's sign of life: a file it holds an OS lock on. The system frees the lock at once when the process
 * dies, however it dies, so a free lock proves death. The file also holds the journal of which handlers run.
 *
 * Lock files are never deleted: a deleted one could be locked by two processes at once.
 */
export class LockFile {
  /** A UUID that stands for this process, and is in the file as long as it holds the lock: others have the same id before and after. */
  readonly instance = crypto.randomUUID();
  readonly #file: Deno.FsFile;
  readonly #journal: StartJournal;
  #closed = false;

  private constructor(readonly id: string, file: Deno.FsFile) {
    this.#file = file;
    this.#journal = new StartJournal(file, this.instance);
  }

  /**
   * Takes the id, or the first free `host-N` without one.
   *
   * @throws {WorkerIdInUseError} A live process holds `id`.
   */
  static async take(path: string, id?: string): Promise<LockFile> {
    for (let n = 1;; n++) {
      const candidate = id ?? `${Deno.hostname()}-${n}`;
      const file = await tryFor(path, candidate);
      if (file !== null) return new LockFile(candidate, file);
      if (id !== undefined) throw new WorkerIdInUseError(id);
    }
  }

  /** Jobs whose handlers were running when the former holder of this id ended. */
  formerlyStarted(): Set<string> {
    return readJournal(this.#file);
  }

  /** Forgets what the former holder wrote, once its jobs are in other hands. */
  clear(): void {
    this.#journal.clear();
  }

  /** The handler of job `seq` is about to run, in the run that `lease` stands for. About 1 µs. */
  mark(seq: string, lease: string): void {
    this.#journal.started(seq, lease + seq);
  }

  /** The handler of job `seq` has returned, of that very run: a later run may have begun. */
  unmark(seq: string, lease: string): void {
    this.#journal.ended(lease + seq, () => !this.#closed);
  }

  /** Lets go of the id. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#file.close();
  }
}

/** Takes the lock on an id that nobody holds; waits for those who only look whether somebody does. */
async function tryFor(path: string, id: string): Promise<Deno.FsFile | null> {
  for (let waited = 0; waited <= TRY_FOR_MS; waited += TRY_EVERY_MS) {
    const file = tryLock(path, id);
    if (file !== null) return file;
    const found = probe(path, id);
    if (found.state === "alive") return null;
    if (found.state === "dead") found.release();
    await systemClock.sleep(TRY_EVERY_MS);
  }
  return null;
}

function tryLock(path: string, id: string): Deno.FsFile | null {
  const file = Deno.openSync(lockPath(path, id), { read: true, write: true, create: true, mode: 0o600 });
  if (file.tryLockSync(true)) return file;
  file.close();
  return null;
}

/** What a look at another process's lock file tells. */
export type Probe =
  /** It holds its lock; `instance`: which process that is. */
  | { state: "alive"; instance: string }
  /** There is no file, or it cannot be locked here: nothing is proven. */
  | { state: "unknown" }
  /** Nobody holds its lock, and until `release` nobody can start under its id. Others may look at the same time. */
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
    if (file.tryLockSync(false)) { // shared: who only looks is not taken for the holder
      return { state: "dead", started: readJournal(file), release: () => file.close() };
    }
    const instance = readSignature(file);
    file.close();
    return { state: "alive", instance };
  } catch {
    file.close();
    return { state: "unknown" };
  }
}
