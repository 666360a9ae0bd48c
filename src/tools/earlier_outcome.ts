/** The failure of an earlier, identical call, of which nobody has heard yet. */
export class EarlierFailure extends Error {
  readonly secondsAgo: number;

  constructor(cause: unknown, secondsAgo: number) {
    super('an earlier call failed', { cause });
    this.name = 'EarlierFailure';
    this.secondsAgo = secondsAgo;
  }
}
