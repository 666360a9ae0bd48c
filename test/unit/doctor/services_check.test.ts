import { describe, expect, it } from 'vitest';
import type { ServiceProbe } from '../../../src/doctor/patient.ts';
import { foundBy } from './patients.ts';

const probe = (name: string, said: Awaited<ReturnType<ServiceProbe['probe']>>): ServiceProbe => ({
  name,
  probe: async () => said,
});

describe('other services', () => {
  it('are not spoken of where none is configured', async () => {
    expect(await foundBy('services', {})).toEqual([]);
  });

  it('are told one by one, with what to do', async () => {
    const trouble = { trouble: 'Opteryx did not do opteryx.token (401): no.', advice: 'Ask.' };
    const found = await foundBy('services', {
      halfConfigured: ['no tools for GeoLens: a key is missing'],
      services: [probe('geolens', {}), probe('opteryx', trouble)],
    });
    expect(found).toMatchObject([
      { state: 'warning', found: 'no tools for GeoLens: a key is missing' },
      { state: 'ok', found: 'geolens answers, and takes the credentials' },
      { state: 'fault', found: trouble.trouble, advice: 'Ask.' },
    ]);
  });
});
