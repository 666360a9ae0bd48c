/** The owner has as many transfers running as are allowed at a time. */
export class TooManyTransfers extends Error {
  readonly most: number;

  constructor(most: number) {
    super(`${most} transfers run already`);
    this.name = 'TooManyTransfers';
    this.most = most;
  }
}
