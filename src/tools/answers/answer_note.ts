import type { Facts } from './answer_facts.ts';
import type { LeftOut } from './left_out.ts';
import type { NextCall } from './next_call.ts';

/** The member of ours in an answer of the API: its first, as models read the start. */
export const NOTE = 'geopera_mcp';

/** How much of an answer is shown. */
export interface Shown {
  /** How many came before the first that is shown. */
  readonly from: number;
  readonly count: number;
  /** All that there are, where that is known. */
  readonly of?: number;
  readonly says: string;
}

/** What this server says of an answer beside the answer. */
export interface AnswerNote {
  readonly part?: string | undefined;
  readonly shown?: Shown | undefined;
  /** The call that goes on where this answer ends. */
  readonly next?: NextCall | undefined;
  readonly left_out?: readonly LeftOut[] | undefined;
  /** The call for the first member that was left out. */
  readonly whole?: NextCall | undefined;
  readonly broken_lines?: readonly { readonly line: number; readonly says: string }[] | undefined;
  readonly says?: string | undefined;
}

/** Facts with a note before them; as they are where there is nothing to note. */
export function noted(note: AnswerNote, facts: Facts): Facts {
  const stated = Object.entries(note).filter(([, it]) => it !== undefined);
  if (stated.length === 0) return facts;
  const { [NOTE]: _taken, ...own } = facts;
  return { [NOTE]: Object.fromEntries(stated), ...own };
}
