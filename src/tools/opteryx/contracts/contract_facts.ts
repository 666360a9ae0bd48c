import type { PlanToShow } from '../../../connectors/opteryx/contracts/agree_contract.ts';
import type { Contract } from '../../../connectors/opteryx/contracts/contract_model.ts';
import type { ContractOutcome } from '../../../connectors/opteryx/contracts/opteryx_contracts.ts';
import type { SentTable } from '../../../connectors/opteryx/contracts/send_table.ts';
import { plainText } from '../../../geopera/plain_text.ts';

type Facts = Readonly<Record<string, unknown>>;

const MOST_VALUE_CHARS = 120;

/** What a plan makes of the files, for the user to see, and how it is accepted. */
export function planFacts({ table, contract, acceptPlan, isAnother, left }: PlanToShow): Facts {
  const { mode, schema, plan, issues, values } = contract;
  return {
    status: 'plan',
    table,
    ...(mode === undefined ? {} : { mode }),
    plan,
    schema,
    issues,
    ...(values === undefined ? {} : { values: shortened(values) }),
    accept_plan: acceptPlan,
    ...(left.kind === 'nothing'
      ? {}
      : { left_open: { contract_id: contract.contract_id, ...left } }),
    next: `${isAnother ? 'The plan is another than the one that was accepted. ' : ''}Nothing was sent. Show the user what each column becomes, beside its value; once they agree, make the same call with accept_plan. Other types are named in columns (all of them), columns not to write in ignore.`,
  };
}

/** The outcome of an upload under a contract, as a model reads it. */
export function committedFacts(outcome: ContractOutcome): Facts {
  const { table, contractId, snapshot, rowsWritten, files, bytes, seconds } = outcome;
  return {
    table,
    ...(snapshot === undefined ? {} : { commit_id: snapshot }),
    ...(rowsWritten === undefined ? {} : { rows_written: rowsWritten }),
    contract_id: contractId,
    bytes,
    seconds: Math.round(seconds * 1000) / 1000,
    files: files.map(sentFacts),
    compared:
      'Before the commit, what the contract held was what each file was said to have become when it arrived.',
  };
}

/** What one file became. */
export function sentFacts({ fileName, bytes, written }: SentTable): Facts {
  const rows = written.map((write) => write.rows);
  const isCounted = written.length > 0 && !rows.includes(undefined);
  const total = rows.reduce<number>((sum, count) => sum + (count ?? 0), 0);
  return { file_name: fileName, bytes, ...(isCounted ? { rows: total } : {}) };
}

/** What is to be done with a contract that is open. */
export function nextOf({ state, issues, expires_at }: Contract): string {
  const until = expires_at === undefined ? '' : ` by ${plainText(expires_at, 40)}`;
  const otherwise = ` opteryx_abandon_contract if nothing comes of it: it holds the dataset until it ends${until}.`;
  if (issues.some(({ severity }) => severity === 'blocking')) {
    return `Issues block it: opteryx_amend_contract may settle them.${otherwise}`;
  }
  if (state === 'proposed') {
    return `Show the user the plan with its values; once they agree, opteryx_accept_contract with its schema_fingerprint.${otherwise}`;
  }
  return `opteryx_send_contract_data for each file, then opteryx_commit_contract.${otherwise}`;
}

function shortened(values: Readonly<Record<string, unknown>>): Facts {
  const short = (value: unknown) =>
    typeof value === 'string' ? plainText(value, MOST_VALUE_CHARS) : value;
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, short(value)]));
}
