import fc from 'fast-check';
import type { SessionRecord } from '../../../src/workflows/session_record.ts';

export const HERE = { api: 'https://api.test', fingerprint: 'mine' };

/** A session of two files that was sending them. */
export function sessionRecord(more: Partial<SessionRecord> = {}): SessionRecord {
  return {
    v: 1,
    account: HERE,
    projectId: 'p',
    files: [
      { name: 'a.tif', bytes: 3 },
      { name: 'b.tif', bytes: 4 },
    ],
    bytes: 7,
    startedAt: Date.now(),
    idempotencyKey: 'key',
    initiate: {
      project_id: 'p',
      transfer_method: 'signed_url',
      file_count: 2,
      total_bytes: 7,
      is_categorical: false,
    },
    uploadId: 'u_1',
    step: 'transfer',
    ...more,
  };
}

const count = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });

/** Any record that this version writes. */
export const aRecord: fc.Arbitrary<SessionRecord> = fc
  .record({
    projectId: fc.string(),
    files: fc.array(fc.record({ name: fc.string(), bytes: count })),
    bytes: count,
    startedAt: fc.integer(),
    idempotencyKey: fc.uuid(),
    uploadId: fc.option(fc.string({ minLength: 1 }), { nil: undefined }),
    step: fc.constantFrom('initiate', 'transfer', 'complete'),
    heldUntil: fc.option(count, { nil: undefined }),
  })
  .map(({ uploadId, heldUntil, ...rest }) => {
    const { uploadId: _, ...known } = sessionRecord(rest);
    return {
      ...known,
      ...(uploadId === undefined ? {} : { uploadId }),
      ...(heldUntil === undefined ? {} : { heldUntil }),
    };
  });
