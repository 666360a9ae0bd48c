import { plainText } from '../../../geopera/plain_text.ts';
import { ServiceError } from '../../http/service_error.ts';
import type { ContractIssue } from './contract_model.ts';

/** More of them tell nobody more. */
const MOST_TOLD = 10;

/** Something must be settled before anything can be written; the code is that of the first issue. */
export class ContractBlocked extends ServiceError {
  readonly issues: readonly ContractIssue[];

  constructor(issues: readonly ContractIssue[]) {
    super({
      service: 'opteryx',
      call: 'opteryx.negotiate_contract',
      kind: 'conflict',
      detail: inWords(issues),
      code: issues[0]?.code,
    });
    this.name = 'ContractBlocked';
    this.issues = issues;
  }
}

function inWords(issues: readonly ContractIssue[]): string {
  const told = issues.slice(0, MOST_TOLD).map(({ code, column, detail }) => {
    const about = column === undefined ? code : `${code} (${column})`;
    return plainText(detail === undefined ? about : `${about}: ${detail}`, 200);
  });
  const more = issues.length - told.length;
  return [...told, ...(more > 0 ? [`and ${more} more`] : [])].join('; ');
}
