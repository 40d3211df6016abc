/** What stands for all names for which there is no room. */
export const OTHER = "other";

/**
 * Keeps the first `most` names apart and calls all later ones `other`. A name that was kept apart once stays so, and
 * one that was not never will be: what is counted under a name does not jump.
 */
export class BoundedNames {
  readonly #known = new Set<string>();
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  /** What `name` is counted under. */
  labelOf(name: string): string {
    if (this.#known.size < this.#most) this.#known.add(name);
    return this.#known.has(name) ? name : OTHER;
  }
}
