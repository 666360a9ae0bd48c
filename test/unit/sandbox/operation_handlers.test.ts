import { expect, it } from 'vitest';
import { catalogue } from '../../../src/operations/catalogue.ts';
import { operationHandlers } from '../../../src/sandbox/operation_handlers.ts';

it('serves every operation of the catalogue and no other', () => {
  const served = Object.keys(operationHandlers).sort();
  expect(served).toEqual(catalogue.map(({ id }) => id).sort());
});
