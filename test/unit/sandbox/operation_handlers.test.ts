import { expect, it } from 'vitest';
import { catalogue } from '../../../src/operations/catalogue.ts';
import { operationHandlers } from '../../../src/sandbox/operation_handlers.ts';

it('acts out operations of the catalogue alone', () => {
  const known = new Set(catalogue.map(({ id }) => id));
  expect(Object.keys(operationHandlers).filter((id) => !known.has(id))).toEqual([]);
});
