import { resolve, sep } from "node:path";

/** What the cleanups do with files. */
export type FileAccess = Pick<typeof Deno, "lstat" | "readDir" | "realPath" | "remove">;

/** A directory in which nothing may be deleted, or that cannot be cleaned up. Trying again would not help. */
export class DirectoryRefusedError extends Error {
  constructor(directory: string, reason: string, options?: ErrorOptions) {
    super(`Cannot delete files in ${JSON.stringify(directory)}: ${reason}`, options);
    this.name = "DirectoryRefusedError";
  }
}

/**
 * Returns the true path of `directory`, without symlinks and `..`, if it is one of `allowed` or below one of them.
 *
 * A directory of `allowed` may itself be reached through symlinks (as `/tmp` is on some systems): what it then is
 * counts. Below it none may lead out of it. Of what lies outside nothing is looked at, so that nobody can ask this
 * way whether a file exists.
 *
 * @returns null if it is not there.
 * @throws {DirectoryRefusedError} It is none of them, or no directory.
 */
export async function allowedDirectory(
  directory: string,
  allowed: readonly string[],
  files: FileAccess,
): Promise<string | null> {
  if (allowed.length === 0) {
    throw new DirectoryRefusedError(
      directory,
      "no directory is allowed; CLEANUP_DIRECTORIES names those that are",
    );
  }
  const wanted = resolve(directory);
  let isMissing = false;
  for (const root of allowed.map((path) => resolve(path))) {
    const isNamed = isWithin(wanted, root);
    const realRoot = await realPathOf(root, files).catch((error: unknown) => {
      if (isNamed || !isRefusedByDeno(error)) throw error;
      return null; // another one is asked for
    });
    if (!isNamed && (realRoot === null || !isWithin(wanted, realRoot))) continue;
    const real = realRoot === null ? null : await realPathOf(wanted, files);
    if (real === null) isMissing = true;
    else if (realRoot !== null && isWithin(real, realRoot)) {
      return await checkIsDirectory(real, directory, files);
    }
  }
  if (isMissing) return null;
  throw new DirectoryRefusedError(directory, "it is outside of the directories in CLEANUP_DIRECTORIES");
}

/** True if `path` is `folder` or below it. Both are absolute, without `..`. */
export function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

/** True if Deno itself refused: the process was started without the permission. */
export function isRefusedByDeno(error: unknown): boolean {
  return error instanceof Deno.errors.NotCapable;
}

/** The true path; null if there is nothing of that name. */
async function realPathOf(path: string, files: FileAccess): Promise<string | null> {
  try {
    return await files.realPath(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return null;
    throw error;
  }
}

async function checkIsDirectory(real: string, directory: string, files: FileAccess): Promise<string> {
  const { isDirectory } = await files.lstat(real);
  if (isDirectory) return real;
  throw new DirectoryRefusedError(directory, "it is no directory");
}
