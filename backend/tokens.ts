import { dirname } from "node:path";
import { StartError, type TokenConfig } from "./config.ts";
import { token as parseToken } from "./config-values.ts";
import type { Log } from "./lib/log.ts";
import type { Role } from "./routes/middleware/auth.ts";

/** The token of each role. */
export type Tokens = Record<Role, string>;

/** Where made tokens are kept. */
export const TOKEN_FILE = "data/tokens.env";

const VARIABLES: Record<Role, string> = {
  admin: "ADMIN_TOKEN",
  viewer: "VIEWER_TOKEN",
  producer: "ENQUEUE_TOKEN",
};
const ROLES: readonly Role[] = ["admin", "viewer", "producer"];
const HEADER =
  "# Made at first start. Who can read this file can do everything. In a shell: . data/tokens.env\n";

/**
 * Returns the tokens given by the environment and, for the roles without one, those of `file`, which gets the
 * ones it lacks. Given tokens are not written.
 *
 * The file changes as a whole or not at all, and is readable by its owner alone (mode 0600). Of several processes
 * that start at once one makes what is missing and all use that: who writes holds a lock on a file beside it.
 *
 * @throws {StartError} If the file cannot be read or written, or one of its tokens is unusable; it is as it was then.
 */
export async function loadTokens(given: TokenConfig, file: string = TOKEN_FILE): Promise<Tokens> {
  const wanted = ROLES.filter((role) => given[role] === null);
  if (wanted.length === 0) return only(given);
  const isWhole = (tokens: Partial<Tokens>) => wanted.every((role) => tokens[role] !== undefined);
  let kept = parse(await read(file), file);
  if (!isWhole(kept)) {
    using _lock = await lock(file);
    const text = await read(file); // another process may have made them while this one waited
    kept = parse(text, file);
    if (!isWhole(kept)) kept = parse(await write(file, withTokens(text, wanted, kept)), file);
  }
  return only({
    admin: given.admin ?? kept.admin ?? null,
    viewer: given.viewer ?? kept.viewer ?? null,
    producer: given.producer ?? kept.producer ?? null,
  });
}

/** Logs where the tokens are that were not `given`. */
export function tellWhereTokensAre(given: TokenConfig, log: Log): void {
  const names = ROLES.filter((role) => given[role] === null).map((role) => VARIABLES[role]);
  if (names.length > 0) log.info("{file} holds {names}", { file: TOKEN_FILE, names: names.join(", ") });
}

/** Tokens without the null that says one has still to be found. */
function only({ admin, viewer, producer }: TokenConfig): Tokens {
  if (admin === null || viewer === null || producer === null) {
    throw new StartError("Cannot find a token for each role");
  }
  return { admin, viewer, producer };
}

/** `text` with a token for each of the roles that has none. */
function withTokens(text: string, wanted: readonly Role[], kept: Partial<Tokens>): string {
  const missing = wanted.filter((role) => kept[role] === undefined);
  const lines = missing.map((role) => `${VARIABLES[role]}=${makeToken()}\n`).join("");
  return (text === "" ? HEADER : text.replace(/[^\n]$/, "$&\n")) + lines;
}

/** 256 random bits as base64url. */
function makeToken(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** The tokens in the text of `file`, lines as a shell reads them. */
function parse(text: string, file: string): Partial<Tokens> {
  const tokens: Partial<Tokens> = {};
  for (const [index, line] of text.split("\n").entries()) {
    const [, name, quoted = ""] = /^\s*(?:export\s+)?(\w+)=(.*?)\s*$/.exec(line) ?? [];
    const role = ROLES.find((candidate) => VARIABLES[candidate] === name);
    if (role === undefined) continue;
    try {
      tokens[role] = parseToken(quoted.replace(/^(["'])(.*)\1$/, "$2"));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new StartError(`Cannot use "${file}": ${name} in line ${index + 1} ${reason}`);
    }
  }
  return tokens;
}

/** The text of `file`, empty if there is none. */
async function read(file: string): Promise<string> {
  try {
    const text = await Deno.readTextFile(file);
    const { mode } = await Deno.stat(file);
    // A file restored from a backup, say, is often readable by all.
    if (mode !== null && (mode & 0o077) !== 0) await Deno.chmod(file, 0o600);
    return text;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    throw new StartError(`Cannot read the tokens in "${file}": ${reasonOf(error)}`, { cause: error });
  }
}

/**
 * Waits until no other process writes `file`. The system frees the lock with the process, however that ends. Its file
 * stays: a deleted one could be locked by two at once.
 */
async function lock(file: string): Promise<Disposable> {
  try {
    await Deno.mkdir(dirname(file), { recursive: true, mode: 0o700 });
    const handle = await Deno.open(`${file}.lock`, { write: true, create: true, mode: 0o600 });
    await handle.lock(true).catch((error) => {
      handle.close();
      throw error;
    });
    return handle;
  } catch (error) {
    throw new StartError(`Cannot lock the tokens in "${file}": ${reasonOf(error)}`, { cause: error });
  }
}

/** Puts `text` into `file`, which must be locked. @returns It. */
async function write(file: string, text: string): Promise<string> {
  const temporary = `${file}.${crypto.randomUUID()}`;
  try {
    using handle = await Deno.open(temporary, { write: true, createNew: true, mode: 0o600 });
    await handle.write(new TextEncoder().encode(text));
    await handle.sync();
    await Deno.rename(temporary, file);
    return text;
  } catch (error) {
    throw new StartError(`Cannot write the tokens to "${file}": ${reasonOf(error)}`, { cause: error });
  } finally {
    await Deno.remove(temporary).catch(() => {}); // renamed already, or never made
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
