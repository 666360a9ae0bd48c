import type { ToolAnswer } from '../tool.ts';
import type { Facts } from './answer_facts.ts';
import { noted } from './answer_note.ts';
import type { OperationCall } from './operation_call.ts';
import { saveWords } from './save_words.ts';

/** Bytes that no model reads: what they are, and how they can be had. */
export function fileAnswer(facts: Facts, asked: OperationCall): ToolAnswer {
  if (facts['bytes'] === 0) return { facts: noted({ says: 'The answer is empty.' }, facts) };
  const says = `The API sent the file itself, of which nothing was read. ${saveWords(asked)}`;
  return { facts: noted({ says }, facts) };
}
