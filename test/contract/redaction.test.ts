import { describe, expect, it } from 'vitest';
import { plainText } from '../../src/geopera/plain_text.ts';
import { redactText } from '../../src/transfer/urls/redact_url.ts';

/** Words that hold the secret `s3cr3t`, as errors of storage and of the API have been seen to. */
const LEAKS = [
  'PUT https://storage.example/b/o.tif?X-Goog-Signature=s3cr3t failed',
  'HTTPS://STORAGE.EXAMPLE/o?X-Amz-Signature=s3cr3t&x=1',
  'GET http://user:s3cr3t@storage.example/o failed',
  '"https://storage.example/o?sig=s3cr3t"',
  '(see https://storage.example/o?s3cr3t)',
];

// Two redactors, because transfer/ stands alone; what either lets pass is a leak all the same.
describe.each([
  ['geopera/plain_text.ts', plainText],
  ['transfer/urls/redact_url.ts', redactText],
])('%s', (_, redact) => {
  it.each(LEAKS)('lets no secret pass in %j', (words) => {
    expect(redact(words)).not.toContain('s3cr3t');
  });
});
