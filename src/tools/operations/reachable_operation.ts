import { catalogue } from '../../operations/catalogue.ts';
import type { Operation } from '../../operations/operation.ts';
import { toolName } from '../tool_name.ts';
import type { Offered } from './calling_tool.ts';
import { OperationLeftOut, UnknownOperation } from './operation_errors.ts';
import { operationsFor } from './operations_for.ts';

const MOST_SIMILAR = 3;

/**
 * The operation of an id, or of the name that its tool has.
 *
 * @throws UnknownOperation, OperationLeftOut
 */
export async function reachableOperation(asked: string, offered: Offered): Promise<Operation> {
  const name = toolName(asked.trim());
  const operation = catalogue.find(({ id }) => toolName(id) === name);
  if (operation === undefined) throw new UnknownOperation(asked, await similarTo(asked, offered));
  if (!offered.selection.reaches(operation)) throw new OperationLeftOut(operation.id);
  return operation;
}

async function similarTo(asked: string, offered: Offered): Promise<readonly string[]> {
  const similar = await operationsFor(asked, offered);
  return similar.slice(0, MOST_SIMILAR).map(({ id }) => id);
}
