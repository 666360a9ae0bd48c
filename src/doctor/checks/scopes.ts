import { z } from 'zod';
import { grants, resourceScopes } from '../../geopera/scopes.ts';
import { claimsIn } from '../../geopera/token_claims.ts';
import { COMPOSITES, type Composite } from '../composites.ts';
import { type Found, ok, warning } from '../finding.ts';
import type { Patient } from '../patient.ts';
import { answered } from './answered.ts';

const claims = z.object({ scope: z.string().optional() });

/** What the token allows: each job by itself, then all other operations together. */
export async function checkScopes(patient: Patient, signal: AbortSignal): Promise<Found[]> {
  if (patient.token === undefined) return [];
  const granted = await grantedTo(patient, patient.token, signal);
  if (granted === 'not asked') return [];
  if (granted === undefined) {
    return [
      ok(
        'not known: Geopera does not show what this token may do, and judges each call (name them with --scopes to have them checked before)',
      ),
    ];
  }
  return [
    ...COMPOSITES.map((composite) => forJob(composite, granted)),
    forTheRest(patient, granted),
  ];
}

/** By configuration, else by the token, else by userinfo; undefined if none of them says. */
async function grantedTo(
  patient: Patient,
  token: string,
  signal: AbortSignal,
): Promise<readonly string[] | undefined | 'not asked'> {
  if (patient.scopes.length > 0) return patient.scopes;
  const own = resourceScopes(claimsIn(token, claims)?.scope ?? '');
  if (own !== undefined) return own;
  if ((await answered(patient, signal)) === undefined) return 'not asked';
  try {
    const answer = claims.catch({}).parse(await patient.userinfo(signal));
    return resourceScopes(answer.scope ?? '');
  } catch {
    signal.throwIfAborted();
    // The check of the token tells why.
    return 'not asked';
  }
}

function forJob({ job, scopes }: Composite, granted: readonly string[]): Found {
  const missing = scopes.filter((scope) => !grants(granted, scope));
  const each = scopes.map((scope) => `${scope} ${missing.includes(scope) ? 'missing' : 'ok'}`);
  const found = `${job}: ${each.join(', ')}`;
  const facts = { job, missing };
  if (missing.length === 0) return ok(found, { facts });
  const advice = `Without ${missing.join(' and ')} this job fails: make a key that has it, if you want it done.`;
  return warning(found, advice, { facts });
}

function forTheRest({ catalogue }: Patient, granted: readonly string[]): Found {
  const refused = catalogue.filter(({ scope }) => !grants(granted, scope));
  const missing = [...new Set(refused.map(({ scope }) => scope))].sort();
  const facts = { operations: catalogue.length, refused: refused.length, missing };
  if (missing.length === 0) return ok(`all ${catalogue.length} operations are allowed`, { facts });
  const allowed = `${catalogue.length - refused.length} of ${catalogue.length} operations are allowed`;
  const each = missing.map((scope) => {
    const count = refused.filter((operation) => operation.scope === scope).length;
    return `${scope} (${count})`;
  });
  return ok(allowed, { details: [`the others need: ${each.join(', ')}`], facts });
}
