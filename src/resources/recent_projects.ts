/** Of one owner; and of how many owners they are known. */
const MOST_PROJECTS = 20;
const MOST_OWNERS = 1_000;

/**
 * Projects that an owner may mean, since no operation lists them: the sandbox's own, and those that
 * Geopera itself named in an answer to this owner lately. Kept in memory, bounded.
 */
export class RecentProjects {
  readonly #always: readonly string[];
  /** Latest first; the owners, latest last. */
  readonly #byOwner = new Map<string, readonly string[]>();

  constructor(sandboxProjectId?: string | undefined) {
    this.#always = sandboxProjectId === undefined ? [] : [sandboxProjectId];
  }

  /** @param projectId as an answer of the API has it; what is no name is not kept */
  remember(owner: string, projectId: unknown): void {
    if (typeof projectId !== 'string' || projectId === '') return;
    const others = (this.#byOwner.get(owner) ?? []).filter((id) => id !== projectId);
    this.#byOwner.delete(owner);
    this.#byOwner.set(owner, [projectId, ...others].slice(0, MOST_PROJECTS));
    const [oldest] = this.#byOwner.keys();
    if (this.#byOwner.size > MOST_OWNERS && oldest !== undefined) this.#byOwner.delete(oldest);
  }

  /** Latest first. */
  of(owner: string): readonly string[] {
    return [...new Set([...(this.#byOwner.get(owner) ?? []), ...this.#always])];
  }
}
