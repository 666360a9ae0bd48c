import type { Difference } from './catalogue_comparison.ts';

/** What changed in the API since this version was made, for people. */
export function changeWords({ where, fact, published, ours }: Difference): string {
  if (fact === 'field') {
    return ours === undefined ? `${where} is new (${said(published)})` : `${where} is gone`;
  }
  if (fact === 'required') return `${where} is now ${said(published)}`;
  if (fact === 'scope') return `needs the scope ${said(published)}, not ${said(ours)}`;
  if (fact === 'effect') return `its effect is ${said(published)}, not ${said(ours)}`;
  return `${where}: ${fact} is ${said(published)}, not ${said(ours)}`;
}

function said(value: unknown): string {
  if (value === undefined) return 'nothing';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
