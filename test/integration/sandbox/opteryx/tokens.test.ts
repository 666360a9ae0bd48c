import { describe, expect, it } from 'vitest';
import { answered, credentials, exchanged, listed, opteryxFor } from './opteryx_fixture.ts';

describe('the token service', () => {
  it.each(['/token', '/v1/token', '/token?set_cookie=false'])('exchanges at %s', async (path) => {
    const { emulator } = await opteryxFor();
    const { status, body } = await exchanged(emulator, credentials(emulator), path);
    expect(status).toBe(200);
    expect(body).toEqual({
      access_token: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
      token_type: 'bearer',
      expires_in: 300,
      refresh_token: null,
    });
    expect(emulator.clientSecret).toMatch(/^opt_[0-9a-f]+_01$/);
    expect(emulator.state().tokens_issued).toBe(1);
  });

  it('takes no JSON', async () => {
    const { emulator } = await opteryxFor();
    const response = await fetch(`${emulator.authUrl}/token`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(credentials(emulator)),
    });
    expect(await answered(response)).toEqual({
      status: 422,
      body: listed({ loc: ['body', 'client_id'], type: 'missing' }),
    });
  });

  it.each<[string, Record<string, string>, number]>([
    ['a wrong secret', { client_secret: 'opt_0_01' }, 401],
    ['a wrong name', { client_id: 'nobody' }, 401],
    ['a grant that it does not know', { grant_type: 'password' }, 400],
  ])('refuses %s', async (_, wrong, status) => {
    const { emulator } = await opteryxFor();
    const answer = await exchanged(emulator, { ...credentials(emulator), ...wrong });
    expect(answer).toEqual({ status, body: { detail: expect.any(String) } });
    expect(emulator.state().tokens_issued).toBe(0);
  });

  it('takes client_credentials for granted, and no secret for none', async () => {
    const { emulator } = await opteryxFor();
    const { client_id = '', client_secret = '' } = credentials(emulator);
    expect((await exchanged(emulator, { client_id, client_secret })).status).toBe(200);
    expect((await exchanged(emulator, { client_id })).status).toBe(422);
  });
});

describe('a call', () => {
  it.each([
    ['POST', '/v1/upload/session'],
    ['PUT', '/v1/upload/any?part=0'],
    ['POST', '/v1/upload/any/commit'],
    ['GET', '/v2/contracts/any'],
    ['POST', '/v2/contracts'],
  ])('without a good token is refused: %s %s', async (method, path) => {
    const { emulator, call, token, wait } = await opteryxFor({ tokenSeconds: 60 });
    const old = await token();
    expect(await call(method, path, { token: null })).toEqual({
      status: 401,
      body: { detail: 'Missing bearer token' },
    });
    expect(await call(method, path, { token: 'made-up' })).toEqual({
      status: 401,
      body: { detail: 'Invalid token' },
    });
    wait(60);
    expect(await call(method, path, { token: old })).toEqual({
      status: 401,
      body: { detail: 'Token has expired' },
    });
    const { requests_without_token, requests_with_bad_token, sessions } = emulator.state();
    expect([requests_without_token, requests_with_bad_token]).toEqual([1, 2]);
    expect(sessions).toEqual([]);
  });

  it('for health needs none', async () => {
    const { call } = await opteryxFor();
    expect((await call('GET', '/health', { token: null })).status).toBe(200);
  });

  it.each([
    ['v1', 'POST', '/v2/contracts'],
    ['v2', 'POST', '/v1/upload/session'],
    ['v2', 'GET', '/v1/upload/any/inspect'],
  ] as const)(
    'of a generation that is not served (only %s is) finds nothing: %s %s',
    async (generation, method, path) => {
      const { call } = await opteryxFor({ generations: [generation] });
      expect(await call(method, path)).toEqual({ status: 404, body: { detail: 'Not Found' } });
    },
  );

  it('by another method is not allowed', async () => {
    const { call } = await opteryxFor();
    expect((await call('GET', '/v1/upload/session')).status).toBe(405);
  });
});
