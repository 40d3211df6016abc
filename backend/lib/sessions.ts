import type { Clock } from "./clock.ts";
import { VersionConflictError } from "./errors.ts";
import type { RecordPut, Store, StoredRecord } from "./store.ts";

/** The kind of the records of sessions and codes; `cleanup:expired-sessions` deletes those whose time is over. */
const KIND = "session";

/** How long a session lasts, in milliseconds: a working day, so that nobody signs in twice and none outlives the night. */
export const SESSION_LIFETIME = 12 * 3_600_000;

/** How long a code is good, in milliseconds: long enough to walk to another machine with it. */
export const CODE_LIFETIME = 10 * 60_000;

/** What sessions and codes are made of: bytes of their secret, which tell the two apart, and how long it is good. */
const FORMS = {
  session: { bytes: 32, pattern: /^[\w-]{43}$/, lifetime: SESSION_LIFETIME },
  code: { bytes: 16, pattern: /^[\w-]{22}$/, lifetime: CODE_LIFETIME },
} as const;

type Form = keyof typeof FORMS;

/** Somebody who has signed in. */
export interface Session {
  /** Names it, and tells nothing of its secret. */
  id: string;
  role: string;
  /** Epoch milliseconds. */
  createdAt: number;
  /** Epoch milliseconds. */
  expiresAt: number;
}

/** A session that has just begun. */
export interface OpenedSession extends Session {
  /** What its owner shows from now on; it is stored nowhere. */
  secret: string;
}

/** The digest of a role's token, by which its sessions stand and fall; null: there is none. */
export type DigestOf = (role: string) => Uint8Array<ArrayBuffer> | null;

/** What sessions need of their queue. */
export interface SessionHost {
  readonly clock: Pick<Clock, "now">;
  /** The store, open. */
  store(): Promise<Store>;
}

/** A session or code as it is stored. */
interface StoredSession extends Omit<Session, "id"> {
  /** HMAC of the token's digest under the secret: only who has the secret can tell which token it is of. */
  seal: string;
}

/**
 * Who has signed in, and the codes by which somebody can, once. They are records of the store, so every process on it
 * knows them, also after a restart, and one that is ended is ended everywhere at once.
 *
 * The store holds digests of the secrets, never those themselves. A session ends when the token it came from changes.
 */
export class Sessions {
  readonly #host: SessionHost;

  constructor(host: SessionHost) {
    this.#host = host;
  }

  /** Begins a session of `role`, which ends when the digest of that role's token is another than `digest`. */
  async open(role: string, digest: Uint8Array<ArrayBuffer>): Promise<OpenedSession> {
    const { put, opened } = await this.#make("session", role, digest);
    await this.#commit([put]);
    return opened;
  }

  /** The session of this secret; null if there is none, or none any more. */
  async find(secret: string, digestOf: DigestOf): Promise<Session | null> {
    return (await this.#read("session", secret, digestOf))?.session ?? null;
  }

  /**
   * Ends the session of this secret, in all processes at once.
   *
   * @returns The session; null if there was none, or it had ended.
   */
  async end(secret: string): Promise<Session | null> {
    if (!FORMS.session.pattern.test(secret)) return null;
    const key = await keyOf(secret);
    const record = await (await this.#host.store()).record(KIND, key);
    if (record === null || !await this.#commit([removal(record)])) return null;
    const stored = readStored(record.value);
    return stored === null || stored.expiresAt <= this.#host.clock.now() ? null : sessionOf(key, stored);
  }

  /** Makes a code by which somebody begins a session of `role`, once and soon. */
  async makeCode(role: string, digest: Uint8Array<ArrayBuffer>): Promise<string> {
    const { put, opened } = await this.#make("code", role, digest);
    await this.#commit([put]);
    return opened.secret;
  }

  /**
   * Begins the session that `code` stands for, and uses the code up. Of several callers, in whatever processes, one
   * gets a session.
   *
   * @returns null if the code is none, was used or is too old.
   */
  async redeem(code: string, digestOf: DigestOf): Promise<OpenedSession | null> {
    const found = await this.#read("code", code, digestOf);
    if (found === null) return null;
    const { role } = found.session;
    const { put, opened } = await this.#make("session", role, found.digest);
    // In one commit, not for tidiness alone: a store that looks up whether a delete was stored would take that of
    // another process for its own. The new session is like no other.
    return await this.#commit([removal(found.record), put]) ? opened : null;
  }

  async #make(
    form: Form,
    role: string,
    digest: Uint8Array<ArrayBuffer>,
  ): Promise<{ put: RecordPut; opened: OpenedSession }> {
    const { bytes, lifetime } = FORMS[form];
    const secret = randomText(bytes);
    const createdAt = this.#host.clock.now();
    const seal = await crypto.subtle.sign("HMAC", await sealKey(secret), digest);
    const value: StoredSession = {
      role,
      createdAt,
      expiresAt: createdAt + lifetime,
      seal: base64url(new Uint8Array(seal)),
    };
    const put: RecordPut = { kind: KIND, key: await keyOf(secret), value, expect: null };
    return { put, opened: { ...sessionOf(put.key, value), secret } };
  }

  async #read(
    form: Form,
    secret: string,
    digestOf: DigestOf,
  ): Promise<{ record: StoredRecord; session: Session; digest: Uint8Array<ArrayBuffer> } | null> {
    if (!FORMS[form].pattern.test(secret)) return null;
    const record = await (await this.#host.store()).record(KIND, await keyOf(secret));
    const stored = record === null ? null : readStored(record.value);
    if (record === null || stored === null || stored.expiresAt <= this.#host.clock.now()) return null;
    const digest = digestOf(stored.role);
    if (digest === null) return null;
    const isSealed = await crypto.subtle.verify("HMAC", await sealKey(secret), bytesOf(stored.seal), digest);
    return isSealed ? { record, session: sessionOf(record.key, stored), digest } : null;
  }

  /** @returns False if a record is not as it was read: somebody was faster. */
  async #commit(put: readonly RecordPut[]): Promise<boolean> {
    const store = await this.#host.store();
    try {
      await store.commit({ put }, this.#host.clock.now());
      return true;
    } catch (error) {
      if (error instanceof VersionConflictError) return false;
      throw error;
    }
  }
}

function removal({ key, version }: StoredRecord): RecordPut {
  return { kind: KIND, key, value: undefined, expect: version };
}

/** The session stored under `key`, without what proves it. Its id is part of a digest of the secret. */
function sessionOf(key: string, { role, createdAt, expiresAt }: StoredSession): Session {
  return { id: key.slice(0, 12), role, createdAt, expiresAt };
}

/** What is stored under a session's key, if it can be read. */
function readStored(value: unknown): StoredSession | null {
  if (typeof value !== "object" || value === null) return null;
  const { role, createdAt, expiresAt, seal } = value as Partial<Record<keyof StoredSession, unknown>>;
  if (typeof role !== "string" || typeof createdAt !== "number") return null;
  if (typeof expiresAt !== "number" || typeof seal !== "string" || !/^[\w-]{43}$/.test(seal)) return null;
  return { role, createdAt, expiresAt, seal };
}

async function keyOf(secret: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(secret));
  return base64url(new Uint8Array(digest));
}

function sealKey(secret: string): Promise<CryptoKey> {
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  return crypto.subtle.importKey("raw", new TextEncoder().encode(secret), algorithm, false, [
    "sign",
    "verify",
  ]);
}

function randomText(bytes: number): string {
  return base64url(crypto.getRandomValues(new Uint8Array(bytes)));
}

function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}
