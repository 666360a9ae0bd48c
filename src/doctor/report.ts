import type { Finding } from './finding.ts';

/** All findings for people: one line each, and under what is not well what to do. */
export function reportWords(findings: readonly Finding[]): string {
  const width = (words: readonly string[]) => Math.max(0, ...words.map((word) => word.length));
  const states = width(findings.map(({ state }) => state));
  const checks = width(findings.map(({ check }) => check));
  const indent = ' '.repeat(states + checks + 4);
  const lines = findings.flatMap(({ state, check, found, details = [], advice }) => [
    `${state.padEnd(states)}  ${check.padEnd(checks)}  ${found}`,
    ...details.map((detail) => `${indent}- ${detail}`),
    ...(advice === undefined ? [] : [`${indent}→ ${advice}`]),
  ]);
  return [...lines, '', summary(findings)].join('\n');
}

/** The same for programs. */
export function reportFacts(findings: readonly Finding[]): object {
  return { ok: faultsIn(findings).length === 0, findings };
}

export function faultsIn(findings: readonly Finding[]): readonly Finding[] {
  return findings.filter(({ state }) => state === 'fault');
}

function summary(findings: readonly Finding[]): string {
  const [faults, warnings] = [faultsIn(findings), findings.filter((it) => it.state === 'warning')];
  if (faults.length + warnings.length === 0) return 'All is well.';
  return `${counted(faults.length, 'fault')}, ${counted(warnings.length, 'warning')}.`;
}

const counted = (count: number, what: string) => `${count} ${what}${count === 1 ? '' : 's'}`;
