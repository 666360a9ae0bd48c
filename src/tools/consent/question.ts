import type { Effect, Operation } from '../../operations/operation.ts';
import { membersInWords } from './members_in_words.ts';

const MAX_INPUT_CHARS = 1_500;

/** What it means to let an operation act that asks first. */
const CONSEQUENCE: Readonly<Record<Effect, string>> = {
  read: 'It reads.',
  compute: 'It changes something that goes on to have effects of its own.',
  external_spend: 'It may spend credits or money of the organization.',
  share_export: 'It hands out something that opens data to whoever has it.',
  destructive: 'It removes something, and this server cannot bring that back.',
};

/** The rest of a summary is for the model that chooses. */
function firstSentence(summary: string): string {
  return /^.*?\.(?=\s|$)/.exec(summary)?.[0] ?? summary;
}

/** What is about to be done, for a person who has not seen the call. */
export function actInWords(
  { id, summary, effect, input: model }: Operation,
  input: Readonly<Record<string, unknown>>,
): string {
  const lines = [
    `Geopera: ${firstSentence(summary)}`,
    CONSEQUENCE[effect],
    `Operation: ${id}`,
    `With: ${membersInWords(input, MAX_INPUT_CHARS, (name) => Object.hasOwn(model.shape, name))}`,
  ];
  return lines.join('\n');
}
