import { dirname } from "node:path";
import type { Log } from "./lib/log.ts";
import type { Queue } from "./lib/queue.ts";
import { Sessions } from "./lib/sessions.ts";
import { digestOf } from "./routes/middleware/known-tokens.ts";

/** Where a login link is kept when nobody watches the start. */
export const LINK_FILE = "data/login-link.txt";

/** What a login link is made of. */
export interface LoginLinkOptions {
  queue: Pick<Queue, "host" | "deleteExpired">;
  /** The admin token. Should it change, the link is worthless. */
  token: string;
  /** Where people find the service: its address with the base path. */
  url: string;
  log: Log;
  /** Shows a line to who sits at the terminal; null: nobody does. */
  show: ((line: string) => void) | null;
  /** Where the link goes if nobody watches; null: nowhere, and no link is made. @default "data/login-link.txt" */
  file?: string | null;
}

/**
 * Makes a link by which somebody can sign in as an admin, once, within ten minutes.
 *
 * A terminal shows it. Without one it goes to a file that its owner alone can read, as the tokens do, and never to the
 * logs: others collect those. Never rejects: whoever cannot get a link still has the tokens.
 */
export async function offerLoginLink(options: LoginLinkOptions): Promise<void> {
  const { queue, token, url, log, show, file = LINK_FILE } = options;
  if (show === null && file === null) return;
  try {
    // A process that is started again and again leaves none of its links behind.
    await queue.deleteExpired("session");
    const code = await new Sessions(queue.host()).makeCode("admin", digestOf(token));
    const link = `${url}/admin/login#${code}`;
    if (show !== null) return show(`Sign in, once, within ten minutes: ${link}`);
    if (file === null) return;
    await write(file, `${link}\n`);
    log.info("{file} holds a link to sign in by, once, within ten minutes", { file });
  } catch (error) {
    log.warn("Cannot offer a link to sign in by; tokens work: {error}", { error });
  }
}

/** The file appears whole, readable by its owner alone. */
async function write(file: string, text: string): Promise<void> {
  const temporary = `${file}.${crypto.randomUUID()}`;
  await Deno.mkdir(dirname(file), { recursive: true, mode: 0o700 });
  try {
    await Deno.writeTextFile(temporary, text, { createNew: true, mode: 0o600 });
    await Deno.rename(temporary, file);
  } catch (error) {
    await Deno.remove(temporary).catch(() => {}); // it may not have been made
    throw error;
  }
}
