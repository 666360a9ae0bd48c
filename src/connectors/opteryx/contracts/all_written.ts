import { ServiceError } from '../../http/service_error.ts';
import type { Contract, ContractWrite } from './contract_model.ts';
import type { SentTable } from './send_table.ts';

const CALL = 'opteryx.get_contract';

/**
 * Compares what a contract holds with what each file was said to have become when it arrived.
 *
 * @throws ServiceError `conflict` if the target has changed, `unexpected_answer` if more or less is there
 */
export function assertAllWritten(sent: readonly SentTable[], held: Contract): void {
  if (held.state === 'stale') throw stale();
  const told = sent.flatMap(({ written }) => written);
  const rows = sum(held.writes);
  const areCounted = [rows, held.rows_written].includes(undefined) || rows === held.rows_written;
  if (areCounted && holdsAll(sent, told, held.writes)) return;
  throw new ServiceError({
    service: 'opteryx',
    call: CALL,
    kind: 'unexpected_answer',
    detail: `${sent.length} files were sent and answered with ${inWords(told, sum(told))}, but the contract holds ${inWords(held.writes, held.rows_written)}`,
  });
}

/** A service that does not tell what a file became has at least one write for each. */
function holdsAll(
  sent: readonly SentTable[],
  told: readonly ContractWrite[],
  held: readonly ContractWrite[],
): boolean {
  if (sent.some(({ written }) => written.length === 0)) return held.length >= sent.length;
  return inOrder(told) === inOrder(held);
}

function inOrder(writes: readonly ContractWrite[]): string {
  const keys = writes.map(({ source, rows, bytes }) => JSON.stringify([source, rows, bytes]));
  return keys.sort().join('\n');
}

/** Undefined where some rows were not counted. */
function sum(writes: readonly ContractWrite[]): number | undefined {
  return writes.reduce<number | undefined>(
    (total, { rows }) => (total === undefined || rows === undefined ? undefined : total + rows),
    0,
  );
}

function inWords(writes: readonly ContractWrite[], rows: number | undefined): string {
  const counted = rows === undefined ? '' : ` of ${rows} rows`;
  return `${writes.length} writes${counted}`;
}

/** As the service says it where it is asked for more than a look. */
function stale(): ServiceError {
  return new ServiceError({
    service: 'opteryx',
    call: CALL,
    kind: 'conflict',
    code: 'contract_stale',
    detail: 'the target has changed since the contract was agreed',
  });
}
