import { timingSafeEqual } from "@std/crypto";
import type { Role } from "./auth.ts";

/** Digests of the tokens, by role. */
export type TokenDigests = ReadonlyMap<string, Uint8Array<ArrayBuffer>>;

/** The tokens that let somebody in, as digests. */
export class KnownTokens {
  readonly #load: () => Promise<Record<Role, string>>;
  #digests: Promise<TokenDigests> | undefined;

  /** @param load Called when a digest is first needed; again only if it failed. */
  constructor(load: () => Promise<Record<Role, string>>) {
    this.#load = load;
  }

  /** The digest of each role's token. */
  async digests(): Promise<TokenDigests> {
    this.#digests ??= this.#read();
    return await this.#digests.catch((error: unknown) => {
      this.#digests = undefined;
      throw error;
    });
  }

  /**
   * The role of `token`; null if it is none of these.
   *
   * Digests are compared, in constant time, and always with every token: how long it takes says nothing of them.
   */
  async roleOf(token: string): Promise<Role | null> {
    const known = [...await this.digests()];
    const given = await digestOf(token);
    const matching = known.filter(([, expected]) => timingSafeEqual(expected, given));
    return matching[0]?.[0] as Role | undefined ?? null;
  }

  async #read(): Promise<TokenDigests> {
    const { admin, viewer, producer } = await this.#load();
    return new Map<Role, Uint8Array<ArrayBuffer>>([
      ["admin", await digestOf(admin)],
      ["viewer", await digestOf(viewer)],
      ["producer", await digestOf(producer)],
    ]);
  }
}

/** What stands for `token` where it is compared. */
export async function digestOf(token: string): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(token)));
}
