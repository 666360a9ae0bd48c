import { validateHeaderValue } from 'node:http';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  bearerChallenge,
  type Challenge,
} from '../../../../../src/transports/http/auth/challenge.ts';

const resourceMetadataUrl = 'https://mcp.example.org/.well-known/oauth-protected-resource/mcp';
const where = `resource_metadata="${resourceMetadataUrl}"`;

it.each<[Omit<Challenge, 'resourceMetadataUrl'>, string]>([
  [{}, `Bearer ${where}`],
  [{ scopes: [] }, `Bearer ${where}`],
  [{ scopes: ['openid', 'items:read'] }, `Bearer ${where}, scope="openid items:read"`],
  [
    { error: 'invalid_token', description: 'It is over.' },
    `Bearer ${where}, error="invalid_token", error_description="It is over."`,
  ],
  [
    { error: 'invalid_request', description: 'a "b" \\ ä\r\nX: y' },
    `Bearer ${where}, error="invalid_request", error_description="a  b     X: y"`,
  ],
])('%o', (challenge, header) => {
  expect(bearerChallenge({ ...challenge, resourceMetadataUrl })).toBe(header);
});

it('is one header line of as many parameters, whatever stands in them', () => {
  const text = fc.string({ unit: 'binary' });
  fc.assert(
    fc.property(text, text, fc.array(text, { minLength: 1 }), (url, description, scopes) => {
      const header = bearerChallenge({ resourceMetadataUrl: url, description, scopes });
      expect(() => validateHeaderValue('WWW-Authenticate', header)).not.toThrow();
      expect(header).toMatch(
        /^Bearer resource_metadata="[^"\\]*", error_description="[^"\\]*", scope="[^"\\]*"$/,
      );
    }),
  );
});
