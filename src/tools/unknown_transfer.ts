/** No transfer of this client has the id, or its outcome is no longer kept. */
export class UnknownTransfer extends Error {
  readonly id: string;

  constructor(id: string) {
    super('no such transfer');
    this.name = 'UnknownTransfer';
    this.id = id;
  }
}
