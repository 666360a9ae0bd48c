import { z } from 'zod';
import type { Operation } from '../../operations/operation.ts';
import { decodeArguments, InvalidArguments } from '../arguments.ts';
import { exampleInput } from './example_input.ts';
import { InvalidInput } from './operation_errors.ts';

/** How a tool that calls any operation is told which, and with what. */
export const calledOperation = () => ({
  operation: z.string().min(1).max(100).describe('Id, e.g. items.get.'),
  arguments: z.record(z.unknown()).default({}).describe('Input of the operation.'),
});

/**
 * What the operation was given, by its own model.
 *
 * @throws InvalidInput
 */
export function inputOf(operation: Operation, args: unknown): Readonly<Record<string, unknown>> {
  try {
    return decodeArguments(operation.id, operation.input, args);
  } catch (failure) {
    if (!(failure instanceof InvalidArguments)) throw failure;
    throw new InvalidInput(operation.id, failure.faults, exampleInput(operation.input));
  }
}
