/** What the replicas of a server share cannot be reached just now; transfers that run go on. */
export class SharedStateAway extends Error {
  constructor(cause?: unknown) {
    super('the state that is shared between servers cannot be reached', { cause });
    this.name = 'SharedStateAway';
  }
}
