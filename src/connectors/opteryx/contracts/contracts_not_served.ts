import { ServiceError } from '../../http/service_error.ts';

/** The service knows no contracts: nothing was opened, and the older way may be taken. */
export class ContractsNotServed extends ServiceError {
  constructor({ call, detail, status, cause }: ServiceError) {
    super({
      service: 'opteryx',
      call,
      kind: 'not_found',
      code: 'contracts_not_served',
      detail: `it has no contracts (${detail})`,
      ...(status === undefined ? {} : { status }),
      cause,
    });
    this.name = 'ContractsNotServed';
  }
}

/** A path or method that is not known has no code of a contract, which every refusal of a contract has. */
export function isNotServed(failure: unknown): failure is ServiceError {
  if (!(failure instanceof ServiceError) || failure.code !== undefined) return false;
  return failure.status === 404 || failure.status === 405;
}
