import { describe, expect, it } from 'vitest';
import { answering, failing, foundBy, statesOf } from './patients.ts';

const document = { paths: {} };
const MINUTE = 60_000;

function refusedWith(code: string) {
  return { openapi: failing('unreachable', undefined, Object.assign(new Error(), { code })) };
}

describe('the address', () => {
  it.each([
    ['ENOTFOUND', /--api-url/],
    ['EAI_AGAIN', /look up names/],
    ['ECONNREFUSED', /--api-url/],
    ['SELF_SIGNED_CERT_IN_CHAIN', /NODE_EXTRA_CA_CERTS/],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', /NODE_EXTRA_CA_CERTS/],
    ['CERT_HAS_EXPIRED', /NODE_EXTRA_CA_CERTS/],
    ['ETIMEDOUT', /proxy/],
  ])('that fails with %s is a fault with advice of its own', async (code, advice) => {
    const ill = refusedWith(code);
    expect(await foundBy('address', ill)).toMatchObject([
      { state: 'fault', advice: expect.stringMatching(advice) },
    ]);
  });

  it.each([
    ['ECONNREFUSED', /HTTPS_PROXY/],
    ['ENOTFOUND', /HTTPS_PROXY/],
    ['CERT_HAS_EXPIRED', /NODE_EXTRA_CA_CERTS/],
  ])('behind a proxy that fails with %s looks there', async (code, advice) => {
    const ill = { ...refusedWith(code), environment: { HTTPS_PROXY: 'http://proxy.test' } };
    const [finding] = await foundBy('address', ill);
    expect(finding?.advice).toMatch(advice);
    expect(finding?.advice).not.toContain('--api-url');
  });

  it('that does not answer leaves out what cannot be looked at, but for what needs no answer', async () => {
    const ill = refusedWith('ECONNREFUSED');
    for (const check of ['clock', 'operations', 'token', 'scopes']) {
      expect([check, await statesOf(check, ill)]).toEqual([check, []]);
    }
    expect(await statesOf('token', { ...ill, token: undefined })).toEqual(['fault']);
    expect(await statesOf('folders', ill)).toEqual(['ok']);
  });

  it.each([
    [{ HTTPS_PROXY: 'http://u:s3cr3t@proxy' }, /by way of a proxy \(HTTPS_PROXY is set\)/],
    [{ https_proxy: 'p', NO_PROXY: 'test' }, /without a proxy \(https_proxy, NO_PROXY are set\)/],
    [{ HTTPS_PROXY: '' }, /answers$/],
  ])('names what leads through a proxy, not where: %j', async (environment, words) => {
    const [finding] = await foundBy('address', { environment });
    expect(finding).toMatchObject({ state: 'ok', found: expect.stringMatching(words) });
    expect(JSON.stringify(finding)).not.toContain('s3cr3t');
  });

  it('that answers with an error of its own is a warning', async () => {
    const document = { json: {} };
    const openapi = async () => ({ status: 503, clockAheadMs: 0, document });
    expect(await statesOf('address', { openapi })).toEqual(['warning']);
  });
});

describe('the clock', () => {
  it.each([
    [0, 'ok', /right/],
    [MINUTE, 'ok', /right/],
    [-MINUTE, 'ok', /right/],
    [MINUTE + 1, 'fault', /60 s behind/],
    [-5 * MINUTE, 'fault', /5 min ahead of/],
    [undefined, 'warning', /did not tell/],
  ])('%s ms behind that of the API: %s', async (ahead, state, words) => {
    const openapi = async () => ({
      status: 200,
      clockAheadMs: ahead,
      document: { json: document },
    });
    expect(await foundBy('clock', { openapi })).toMatchObject([
      { state, found: expect.stringMatching(words) },
    ]);
  });

  it('is looked at whatever answers', async () => {
    expect(await statesOf('clock', answering('no document', 2 * MINUTE))).toEqual(['fault']);
  });
});

/** A session token that ends then, in seconds; nobody signed it. */
function sessionToken(claims: object): string {
  return `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.s3cr3t`;
}

describe('the token', () => {
  it.each([
    ['none', { token: undefined }, 'fault', /none is set/],
    ['a key', {}, 'ok', /accepted, for organization org_1$/],
    ['refused', { userinfo: failing('unauthenticated', 401) }, 'fault', /not accept it \(401\)/],
    ['of no sign-in', { userinfo: failing('rejected', 400) }, 'fault', /not accept it \(400\)/],
    ['not asked about', { userinfo: failing('unavailable', 503) }, 'warning', /because/],
    ['of nobody', { userinfo: async () => 'hello' }, 'ok', /accepted$/],
    ['expired', { token: sessionToken({ exp: 60 }), now: () => 180_000 }, 'fault', /2 min ago/],
    ['soon over', { token: sessionToken({ exp: 300 }) }, 'warning', /org_1, but only for 5 min/],
  ])('%s: %s', async (_, but, state, words) => {
    expect(await foundBy('token', but)).toMatchObject([
      { state, found: expect.stringMatching(words) },
    ]);
  });

  it.each([
    [-10 * MINUTE, 'warning', /only for 7 min/],
    [0, 'fault', /3 min ago/],
    [MINUTE, 'fault', /4 min ago/],
  ])(
    'that ends is judged by the clock of the API, %d ms ahead: %s',
    async (ahead, state, words) => {
      const token = sessionToken({ exp: 60 });
      const ill = { ...answering(document, ahead), token, now: () => 4 * MINUTE };
      expect(await foundBy('token', ill)).toMatchObject([
        { state, found: expect.stringMatching(words) },
      ]);
    },
  );

  it('about which somebody else is asked leads to the address', async () => {
    const [finding] = await foundBy('token', { userinfo: failing('not_the_api', 200) });
    expect(finding).toMatchObject({
      state: 'fault',
      advice: expect.stringContaining('GEOPERA_API_URL'),
    });
  });

  it('shows of an answer what steers no terminal', async () => {
    const userinfo = async () => ({ geopera_org_id: 'org\u001b[2J' });
    expect(JSON.stringify(await foundBy('token', { userinfo }))).toContain('org [2J');
  });
});

describe('scopes', () => {
  const told = async (scope: string | undefined) =>
    (await foundBy('scopes', { userinfo: async () => ({ scope }) })).map(({ state, found }) => [
      state,
      found,
    ]);

  it('are told for each job, and for all operations together', async () => {
    expect(await told('uploads:* clip:read')).toEqual([
      ['ok', 'uploads of files: uploads:write ok'],
      ['warning', 'downloads of assets: items:read missing'],
      ['warning', 'making clips: processing:process missing, clip:read ok'],
      ['ok', 'downloads of clips: clip:read ok'],
      ['ok', expect.stringMatching(/^\d+ of \d+ operations are allowed$/)],
    ]);
    const all = await foundBy('scopes', { userinfo: async () => ({ scope: 'clip:read' }) });
    expect(all.at(-1)?.details).toEqual([expect.stringMatching(/items:write \(\d+\)/)]);
  });

  it.each([undefined, '', 'openid profile'])('are not known by %j', async (scope) => {
    expect(await told(scope)).toEqual([['ok', expect.stringContaining('not known')]]);
  });

  it.each([
    ['what is configured', { scopes: ['items:read'], token: sessionToken({ scope: 'clip:*' }) }],
    ['the token', { token: sessionToken({ scope: 'items:read' }) }],
  ])('are first those of %s', async (_, but) => {
    const userinfo = async () => ({ scope: '*' });
    const missing = (await foundBy('scopes', { userinfo, ...but })).filter(
      ({ state }) => state === 'warning',
    );
    expect(missing.map(({ found }) => found)).toEqual([
      'uploads of files: uploads:write missing',
      'making clips: processing:process missing, clip:read missing',
      'downloads of clips: clip:read missing',
    ]);
  });

  it('are not told of a token that is not there or not accepted', async () => {
    expect(await statesOf('scopes', { token: undefined })).toEqual([]);
    expect(await statesOf('scopes', { userinfo: failing('unauthenticated', 401) })).toEqual([]);
  });
});
