/** The server that moved the bytes is gone, and with it the transfer. */
export class ReplicaLost extends Error {
  constructor() {
    super('the server that ran the transfer is gone');
    this.name = 'ReplicaLost';
  }
}
