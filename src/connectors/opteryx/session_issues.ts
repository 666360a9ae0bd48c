import { plainText } from '../../geopera/plain_text.ts';
import { ServiceError } from '../http/service_error.ts';
import type { SessionIssue } from './session_answers.ts';

/** More of them tell nobody more. */
const MOST_TOLD = 10;

/** The staged parts do not fit together, or not the dataset. The service would commit them all the same. */
export class SessionIssues extends ServiceError {
  readonly issues: readonly SessionIssue[];

  constructor(call: string, issues: readonly SessionIssue[]) {
    super({
      service: 'opteryx',
      call,
      kind: 'conflict',
      detail: `${inWords(issues)}. Nothing was committed; the service itself would have (ignore_issues: true lets it)`,
      code: codeOf(issues[0]),
    });
    this.name = 'SessionIssues';
    this.issues = issues;
  }
}

function inWords(issues: readonly SessionIssue[]): string {
  const told = issues.slice(0, MOST_TOLD).map(({ issue, part, column }) => {
    const where = [
      typeof part === 'number' ? `part ${part}` : undefined,
      typeof column === 'string' ? `column ${plainText(column, 80)}` : undefined,
    ].filter((it) => it !== undefined);
    const words = plainText(issue, 120);
    return where.length === 0 ? words : `${words} (${where.join(', ')})`;
  });
  const more = issues.length - told.length;
  return [...told, ...(more > 0 ? [`and ${more} more`] : [])].join('; ');
}

function codeOf(issue: SessionIssue | undefined): string | undefined {
  return issue !== undefined && /^[\w.-]{1,80}$/.test(issue.issue) ? issue.issue : undefined;
}
