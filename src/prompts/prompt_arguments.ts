import { plainText } from '../geopera/plain_text.ts';
import { InvalidArguments } from '../tools/arguments.ts';
import type { Filled, PromptArgument, PromptRecord } from './prompt_record.ts';

const id = (name: string, required: boolean, description: string): PromptArgument => ({
  name,
  description,
  required,
  maxChars: 200,
});

/** Arguments that more than one prompt has. */
export const argument = {
  id,
  path: (description: string): PromptArgument => ({
    name: 'path',
    description,
    required: true,
    maxChars: 4096,
  }),
};

/**
 * What a client filled in; hosts send what was left empty as empty text.
 *
 * @throws InvalidArguments
 */
export function filledIn(
  { name, args }: Pick<PromptRecord, 'name' | 'args'>,
  given: Filled,
): Filled {
  const filled = Object.fromEntries(
    Object.entries(given)
      .map(([key, value]) => [key, value.trim()] as const)
      .filter(([, value]) => value !== ''),
  );
  const known = new Set(args.map((argument) => argument.name));
  const faults = [
    ...Object.keys(given)
      .filter((key) => !known.has(key))
      .map((key) => `unknown argument ${plainText(key, 80)} (known: ${[...known].join(', ')})`),
    ...args.flatMap((argument) => faultOf(argument, filled[argument.name]) ?? []),
  ];
  if (faults.length > 0) throw new InvalidArguments(name, faults.slice(0, args.length + 1));
  return filled;
}

function faultOf(
  { name, required, maxChars }: PromptArgument,
  value: string | undefined,
): string | undefined {
  if (value === undefined) return required ? `${name}: Required` : undefined;
  return value.length > maxChars ? `${name}: longer than ${maxChars} characters` : undefined;
}
