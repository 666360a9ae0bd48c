/** Why an operation that asks first was not carried out. Nothing was done. */
export type ConsentRefusal =
  /** The user said no or nothing, or the client said so without having asked. */
  | 'declined'
  /** Only a person's own answer counts here, and this client cannot ask one. */
  | 'cannot_ask'
  /** A confirmation that is not ours, is too old, or is of another call or another caller. */
  | 'invalid_confirmation';

export class NotConfirmed extends Error {
  readonly operationId: string;
  readonly reason: ConsentRefusal;

  constructor(operationId: string, reason: ConsentRefusal) {
    super(`${operationId} was not confirmed: ${reason}`);
    this.name = 'NotConfirmed';
    this.operationId = operationId;
    this.reason = reason;
  }
}
