import fc from 'fast-check';
import type { StagedRecord } from '../../../../src/connectors/staging/staged_record.ts';

/** A session of parts that was being sent. */
export function stagedRecord(more: Partial<StagedRecord> = {}): StagedRecord {
  return {
    v: 1,
    account: { api: 'https://upload.test', fingerprint: 'mine' },
    service: 'opteryx',
    flow: 'opteryx_session',
    id: 's_1',
    startedAt: Date.now(),
    step: 'send',
    ...more,
  };
}

/** Any record that this version writes. */
export const aRecord: fc.Arbitrary<StagedRecord> = fc
  .record({
    service: fc.constantFrom('opteryx', 'geolens'),
    flow: fc.constantFrom('opteryx_session', 'opteryx_contract', 'geolens_job'),
    id: fc.string({ minLength: 1 }),
    startedAt: fc.integer(),
    expiresAt: fc.option(fc.integer(), { nil: undefined }),
    step: fc.constantFrom('send', 'finish'),
  })
  .map(({ expiresAt, ...rest }) =>
    stagedRecord(expiresAt === undefined ? rest : { ...rest, expiresAt }),
  );
