/** What the servers share knows the transfer no more, and nobody told it anew: how it ended is unknown. */
export class TransferForgotten extends Error {
  constructor() {
    super('the servers have forgotten the transfer');
    this.name = 'TransferForgotten';
  }
}
