import { operationById } from '../../operations/catalogue.ts';
import type { Operation } from '../../operations/operation.ts';
import { callingTool, type Offered } from './calling_tool.ts';

/** Operations that fit a wish in plain words and can be called, the best first; empty if no word is known. */
export async function operationsFor(wish: string, offered: Offered): Promise<readonly Operation[]> {
  // Its index costs time and memory, and most sessions search for nothing.
  const { rankOperations } = await import('../search/operation_index.ts');
  return rankOperations(wish)
    .flatMap((id) => operationById(id) ?? [])
    .filter((operation) => callingTool(operation, offered) !== undefined);
}
