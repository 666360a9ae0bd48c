/** A name that no operation has, or none that this server may reach. */
export class UnknownOperation extends Error {
  /** As it was asked for. */
  readonly asked: string;
  /** Ids of operations that may have been meant. */
  readonly similar: readonly string[];

  constructor(asked: string, similar: readonly string[]) {
    super(`no operation ${asked}`);
    this.name = 'UnknownOperation';
    this.asked = asked;
    this.similar = similar;
  }
}

/** An operation that exists, and that the operator of this server (or the client's own settings) left out. */
export class OperationLeftOut extends Error {
  readonly operationId: string;

  constructor(operationId: string) {
    super(`${operationId} is left out`);
    this.name = 'OperationLeftOut';
    this.operationId = operationId;
  }
}

/** A caller of one kind of operations was given one of another. */
export class WrongCaller extends Error {
  readonly operationId: string;
  readonly called: string;
  readonly right: string;

  constructor(operationId: string, called: string, right: string) {
    super(`${operationId} is not for ${called}`);
    this.name = 'WrongCaller';
    this.operationId = operationId;
    this.called = called;
    this.right = right;
  }
}

/** The input of an operation does not fit its model. */
export class InvalidInput extends Error {
  readonly operationId: string;
  /** One line each: which field and what is wrong with it. */
  readonly faults: readonly string[];
  /** An input that fits. */
  readonly example: Readonly<Record<string, unknown>>;

  constructor(
    operationId: string,
    faults: readonly string[],
    example: Readonly<Record<string, unknown>>,
  ) {
    super(`${operationId}: ${faults.join('; ')}`);
    this.name = 'InvalidInput';
    this.operationId = operationId;
    this.faults = faults;
    this.example = example;
  }
}
