/** This process was taken for gone, and what it had in hand was left to others or failed: it must not end it. */
export class SessionTakenOver extends Error {
  constructor() {
    super('the process that sent the files was taken for gone');
    this.name = 'SessionTakenOver';
  }
}
