import { join } from "node:path";
import type { JobContext } from "../../lib/context.ts";
import { type FileAccess, isRefusedByDeno } from "./allowed-directory.ts";

/** Which files to delete. */
export interface OldFilesRequest {
  /** The true path of a directory, as `allowedDirectory` returns it. */
  directory: string;
  /** Files that last changed then or before go. Epoch milliseconds. */
  changedBefore: number;
  /** True: nothing is deleted; what would be is listed in the job's log. */
  dryRun: boolean;
}

/** What became of the files. In a dry run: what would have. */
export interface OldFilesResult {
  deleted: number;
  /** Of those deleted. */
  bytes: number;
  /** Left: too young, or not a plain file (a symlink, socket, pipe, device). */
  kept: number;
  /** Files and directories that could not be read or deleted. The first hundred are in the job's log. */
  failed: number;
  dryRun: boolean;
}

/** What a sweep tells its job, and hears from it. */
export type SweepJob = Pick<JobContext, "signal" | "log" | "progress">;

/** Entries between two reports of progress. */
const REPORT_EVERY = 1_000;
/** Failures that are logged. */
const MAX_LOGGED_FAILURES = 100;
/** Files that a dry run lists. */
const MAX_LISTED = 1_000;
/** Files and characters in one line of that list: a line has 4 KiB. */
const LISTED_AT_ONCE = { files: 20, characters: 1_200 };

/** A directory that is still to be swept, and how much of the whole it stands for, in percent. */
interface Branch {
  path: string;
  share: number;
}

/** A directory is not where it was found any more. */
class MovedError extends Error {
  constructor(directory: string) {
    super(`Cannot clean up ${JSON.stringify(directory)}: it was replaced by a symlink meanwhile`);
    this.name = "MovedError";
  }
}

/** The result when there is nothing to look at. */
export function noFiles(dryRun: boolean): OldFilesResult {
  return { deleted: 0, bytes: 0, kept: 0, failed: 0, dryRun };
}

/**
 * Deletes plain files that have not changed for long, in a directory and all below it.
 *
 * Symlinks are neither followed nor deleted. Directories stay, also when they are empty by now: who made one may be
 * about to write into it. Before each delete both are looked at again, the file and the true path of its directory,
 * so that a directory that was meanwhile replaced by a symlink leads nowhere; what is left is the time between that
 * look and the delete, for which there is no call that does both.
 *
 * Directories are read as a stream: memory goes by how many directories there are, not by how many files.
 *
 * @throws {Deno.errors.NotCapable} This process was started without the permission to delete there.
 */
export async function deleteOldFiles(
  request: OldFilesRequest,
  job: SweepJob,
  files: FileAccess,
): Promise<OldFilesResult> {
  return await new Sweep(request, job, files).run();
}

class Sweep {
  readonly #request: OldFilesRequest;
  readonly #job: SweepJob;
  readonly #files: FileAccess;
  readonly #result: OldFilesResult;
  #seen = 0;
  /** Percent of the way. */
  #done = 0;
  #listed = 0;
  #list: string[] = [];

  constructor(request: OldFilesRequest, job: SweepJob, files: FileAccess) {
    this.#request = request;
    this.#job = job;
    this.#files = files;
    this.#result = noFiles(request.dryRun);
  }

  async run(): Promise<OldFilesResult> {
    const { directory, changedBefore, dryRun } = this.#request;
    const { log } = this.#job;
    log.info(dryRun ? "Looking for old files, in a dry run" : "Deleting old files", {
      directory,
      changedBefore: new Date(changedBefore).toISOString(),
    });
    const branches: Branch[] = [{ path: directory, share: 100 }];
    for (let branch = branches.pop(); branch !== undefined; branch = branches.pop()) {
      const below = await this.#sweep(branch.path);
      const share = branch.share / (below.length + 1);
      this.#done += share;
      for (const path of below) branches.push({ path, share });
    }
    this.#logList();
    this.#done = 100;
    await this.#report();
    log.info(dryRun ? "Nothing was deleted: this was a dry run" : "Deleted old files", {
      ...this.#result,
    });
    return this.#result;
  }

  /** Deletes what is old in one directory. @returns The directories in it. */
  async #sweep(path: string): Promise<string[]> {
    const below: string[] = [];
    try {
      await this.#checkPlace(path);
      for await (const { name, isDirectory, isFile } of this.#files.readDir(path)) {
        this.#job.signal.throwIfAborted();
        if (isDirectory) below.push(join(path, name));
        else if (isFile) await this.#file(path, name);
        else this.#result.kept++;
        if (++this.#seen % REPORT_EVERY === 0) await this.#report();
      }
    } catch (error) {
      if (path === this.#request.directory || this.#job.signal.aborted) throw error;
      this.#failed(path, error);
    }
    return below;
  }

  async #file(directory: string, name: string): Promise<void> {
    const path = join(directory, name);
    try {
      const { isFile, mtime, size } = await this.#files.lstat(path);
      if (!isFile || mtime === null || mtime.getTime() > this.#request.changedBefore) {
        this.#result.kept++;
        return;
      }
      await this.#checkPlace(directory);
      if (this.#request.dryRun) this.#wouldDelete(path);
      else await this.#files.remove(path);
      this.#result.deleted++;
      this.#result.bytes += size;
    } catch (error) {
      if (error instanceof MovedError) throw error;
      this.#failed(path, error);
    }
  }

  /** Fails unless `directory` still is where it was found: without symlinks on the way. */
  async #checkPlace(directory: string): Promise<void> {
    if (await this.#files.realPath(directory) === directory) return;
    throw new MovedError(directory);
  }

  #failed(path: string, error: unknown): void {
    if (isRefusedByDeno(error)) throw error; // and so would every other file be
    // Somebody else has deleted it. A name that is no Unicode reads like that too, and never goes away.
    if (error instanceof Deno.errors.NotFound && !path.includes("\ufffd")) return;
    this.#result.failed++;
    if (this.#result.failed > MAX_LOGGED_FAILURES) return;
    const reason = error instanceof Error ? error.message : String(error);
    this.#job.log.warn("Cannot clean up, leaving it", { path, reason });
  }

  #wouldDelete(path: string): void {
    if (this.#listed++ >= MAX_LISTED) return;
    const characters = this.#list.reduce((sum, listed) => sum + listed.length, path.length);
    const isFull = this.#list.length >= LISTED_AT_ONCE.files || characters > LISTED_AT_ONCE.characters;
    if (isFull) this.#logList();
    this.#list.push(path);
  }

  #logList(): void {
    if (this.#list.length > 0) this.#job.log.info("Would delete", { files: this.#list });
    this.#list = [];
  }

  async #report(): Promise<void> {
    const { deleted, dryRun } = this.#result;
    const note = `${this.#seen} looked at, ${deleted} ${dryRun ? "would be deleted" : "deleted"}`;
    await this.#job.progress(Math.min(100, this.#done), note);
  }
}
