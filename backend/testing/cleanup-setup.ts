import { join } from "node:path";
import type { Job } from "../lib/job.ts";
import type { LogLine } from "../lib/store.ts";
import { type CleanupSettings, registerCleanups } from "../workers/cleanup-worker.ts";
import type { FileAccess } from "../workers/cleanup/allowed-directory.ts";
import { FakeClock } from "./fake-clock.ts";
import { TestQueue } from "./test-queue.ts";

/** A day in milliseconds. */
export const DAY = 86_400_000;

/** Files of all ages in a folder of their own. */
export class FileLab implements Disposable {
  /** Its true path. */
  readonly root = Deno.realPathSync(Deno.makeTempDirSync({ prefix: "cronosaur-cleanup-" }));
  readonly clock = new FakeClock();

  path(...names: string[]): string {
    return join(this.root, ...names);
  }

  /** Makes a directory and those it lies in. @returns Its path. */
  directory(name: string): string {
    Deno.mkdirSync(this.path(name), { recursive: true });
    return this.path(name);
  }

  /** Makes a file that last changed so many days ago. @returns Its path. */
  file(name: string, ageInDays: number, text = "text"): string {
    const path = this.path(name);
    this.directory(join(name, ".."));
    Deno.writeTextFileSync(path, text);
    const changedAt = new Date(this.clock.now() - ageInDays * DAY);
    Deno.utimeSync(path, changedAt, changedAt);
    return path;
  }

  /** Makes a symlink. @returns Its path. */
  link(name: string, target: string): string {
    Deno.symlinkSync(target, this.path(name));
    return this.path(name);
  }

  /** All that is there, by its path from the root, sorted. Symlinks are not followed. */
  all(folder = ""): string[] {
    const found: string[] = [];
    for (const { name, isDirectory } of Deno.readDirSync(this.path(folder))) {
      const path = join(folder, name);
      found.push(path, ...(isDirectory ? this.all(path) : []));
    }
    return found.sort();
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.root, { recursive: true });
  }
}

/** A queue that cleans up, on files of a lab. */
export class CleanupSetup implements AsyncDisposable {
  readonly queue: TestQueue;

  constructor(lab: Pick<FileLab, "clock">, settings: CleanupSettings = {}, files: Partial<FileAccess> = {}) {
    this.queue = new TestQueue({ clock: lab.clock });
    const { lstat, readDir, realPath, remove } = Deno;
    registerCleanups(this.queue, settings, {
      clock: lab.clock,
      files: { lstat, readDir, realPath, remove, ...files },
    });
  }

  /** Adds a job and runs it once. */
  async run(type: string, data: unknown): Promise<Job> {
    const id = await this.queue.add(type, data);
    await this.queue.drain();
    return await this.queue.job(id);
  }

  /** Runs `cleanup:old-files` for files older than a day. */
  oldFiles(directory: string, data: Record<string, unknown> = {}): Promise<Job> {
    return this.run("cleanup:old-files", { directory, olderThanDays: 1, ...data });
  }

  /** What a job logged with this message. */
  async logged({ id }: Job, message: string): Promise<LogLine[]> {
    const { lines } = await this.queue.logs(id, { limit: 200 });
    return lines.filter((line) => line.message === message);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.queue.stop();
  }
}
