import type { SessionOutcome } from '../../connectors/opteryx/opteryx_sessions.ts';
import type { OpteryxOutcome } from '../../connectors/opteryx/opteryx_upload.ts';
import { committedFacts, planFacts } from './contracts/contract_facts.ts';

type Facts = Readonly<Record<string, unknown>>;

/** How an upload ended, as a model reads it. */
export function uploadFacts(outcome: OpteryxOutcome): Facts {
  switch (outcome.kind) {
    case 'session_committed':
      return sessionFacts(outcome);
    case 'committed':
      return committedFacts(outcome);
    case 'plan':
      return planFacts(outcome);
  }
}

function sessionFacts(outcome: SessionOutcome): Facts {
  const { compared, seconds } = outcome;
  return {
    table: outcome.table,
    ...present({
      commit_id: outcome.commitId,
      rows_written: outcome.rowsWritten,
      files_created: outcome.filesCreated,
    }),
    session_id: outcome.sessionId,
    parts: compared.parts,
    bytes: outcome.bytes,
    seconds: Math.round(seconds * 1000) / 1000,
    compared: comparedWords(outcome),
    ...present({ note: noteOf(outcome) }),
  };
}

/** What was the same at both ends. */
function comparedWords({ compared }: SessionOutcome): string {
  const { parts, rows, partsWithRows } = compared;
  if (partsWithRows === 0) return 'which parts arrived';
  if (partsWithRows === parts) return `which parts arrived, and their ${rows} rows`;
  return `which parts arrived, and the ${rows} rows of ${partsWithRows} of them`;
}

/** Rows that were compared and not written are news, though the commit is done. */
function noteOf({ compared, rowsWritten }: SessionOutcome): string | undefined {
  const { parts, rows, partsWithRows } = compared;
  if (rowsWritten === undefined || partsWithRows < parts || rowsWritten === rows) return undefined;
  return `${rows} rows were staged, and the service says that it wrote ${rowsWritten}. Look at the table.`;
}

function present(facts: Facts): Facts {
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined));
}
