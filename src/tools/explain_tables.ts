import {
  EmptyTable,
  NotATable,
  RecordTooLarge,
  TooManyParts,
} from '../connectors/opteryx/parts/table_refusals.ts';
import { ParquetTooLarge, TableRefused } from '../connectors/opteryx/table_refused.ts';
import { type Explanation, sentence } from './explanation.ts';

const UNNAMED = [NotATable, EmptyTable, RecordTooLarge, TooManyParts, ParquetTooLarge];

/** Words for files that are no tables, or not such as can be sent; undefined for other errors. */
export function explainTables(error: unknown): Explanation | undefined {
  if (error instanceof TableRefused) return refused(sentence(error.message));
  const reason = UNNAMED.find((it) => error instanceof it);
  if (reason === undefined || !(error instanceof Error)) return undefined;
  return refused(`The file is not taken: ${sentence(error.message)}`);
}

function refused(what: string): Explanation {
  return {
    code: 'table_refused',
    what,
    next: 'Change the file as it says, or tell the user; the same file will be refused again.',
    retryable: false,
  };
}
