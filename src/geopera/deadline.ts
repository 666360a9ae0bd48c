import { GeoperaError } from './geopera_error.ts';
import { withinSeconds } from './within_seconds.ts';

/** Does work of an operation that may take so long in all. Throws `unreachable` beyond it. */
export function withDeadline<T>(
  operationId: string,
  seconds: number,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const late = () =>
    new GeoperaError({
      kind: 'unreachable',
      operationId,
      detail: `the API gave no whole answer in ${seconds} seconds`,
      fateUnknown: true,
    });
  return withinSeconds(seconds, signal, late, work);
}
