import { operationById } from '../../operations/catalogue.ts';
import type { Operation } from '../../operations/operation.ts';
import type { ToolSelection } from '../selection/tool_selection.ts';

/** Operations that fit a wish in plain words and may be called, the best first; empty if no word is known. */
export async function operationsFor(
  wish: string,
  selection: ToolSelection,
): Promise<readonly Operation[]> {
  // Its index costs time and memory, and most sessions search for nothing.
  const { rankOperations } = await import('../search/operation_index.ts');
  return rankOperations(wish)
    .flatMap((id) => operationById(id) ?? [])
    .filter((operation) => selection.reaches(operation));
}
