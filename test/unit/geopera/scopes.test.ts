import { describe, expect, it } from 'vitest';
import { GeoperaError } from '../../../src/geopera/geopera_error.ts';
import { createScopeCheck, grants, resourceScopes } from '../../../src/geopera/scopes.ts';
import { fakeGeopera } from './fake_geopera.ts';

const never = new AbortController().signal;

describe('grants', () => {
  it.each([
    ['uploads:write', 'uploads:write', true],
    ['uploads:*', 'uploads:write', true],
    ['*:write', 'uploads:write', true],
    ['*', 'uploads:write', true],
    ['uploads:read', 'uploads:write', false],
    ['*:read', 'uploads:write', false],
    ['items:*', 'uploads:write', false],
    ['uploads', 'uploads:write', false],
    ['upload:write', 'uploads:write', false],
    ['*:*', 'uploads:write', false],
    ['', 'uploads:write', false],
  ])('%s for %s: %s', (granted, required, answer) => {
    expect(grants([granted], required)).toBe(answer);
  });

  it('needs one of several', () => {
    expect(grants(['openid', 'items:read', 'uploads:*'], 'uploads:write')).toBe(true);
    expect(grants(['openid', 'items:read'], 'uploads:write')).toBe(false);
    expect(grants([], 'uploads:write')).toBe(false);
  });
});

describe('resourceScopes', () => {
  it.each<[string, readonly string[] | undefined]>([
    ['', undefined],
    ['openid profile email offline_access', undefined],
    ['openid items:read profile', ['items:read']],
    ['items:* *:read', ['items:*', '*:read']],
    ['items:read,uploads:write', ['items:read', 'uploads:write']],
    ['*', ['*']],
    ['api_keys:read', ['api_keys:read']],
    ['urn:ietf:params', undefined],
  ])('%j', (list, found) => {
    expect(resourceScopes(list)).toEqual(found);
  });
});

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const jwt = (claims: unknown) => `${part({ alg: 'HS256' })}.${part(claims)}.c2ln`;

interface Sources {
  configured?: string[];
  token?: string;
  /** What each call of userinfo answers; an error is thrown. The last one stays. */
  userinfo?: unknown[];
}

function checkWith({ configured = [], token = 'gpra_key', userinfo = [{}] }: Sources) {
  let asked = 0;
  const client = fakeGeopera({
    userinfo: async () => {
      const answer = userinfo[Math.min(asked, userinfo.length - 1)];
      asked += 1;
      if (answer instanceof Error) throw answer;
      return answer;
    },
  });
  const check = createScopeCheck({ configured, token, client });
  return { check, asked: () => asked };
}

const missing = (promise: Promise<void>) =>
  promise.then(
    () => 'passed',
    (error: unknown) => (error instanceof GeoperaError ? error.kind : error),
  );

describe('where the scopes are looked for', () => {
  it.each<[string, Sources, 'passed' | 'missing_scope', number]>([
    [
      'configured scopes win over claims',
      { configured: ['uploads:*'], token: jwt({ scope: 'items:read' }) },
      'passed',
      0,
    ],
    [
      'configured scopes that lack it refuse, whatever the claims say',
      { configured: ['items:read'], token: jwt({ scope: 'uploads:write' }) },
      'missing_scope',
      0,
    ],
    [
      'claims win over userinfo',
      { token: jwt({ scope: 'uploads:write' }), userinfo: [{ scope: 'items:read' }] },
      'passed',
      0,
    ],
    [
      'claims that lack it refuse without asking',
      { token: jwt({ scope: 'openid items:read' }), userinfo: [{ scope: 'uploads:write' }] },
      'missing_scope',
      0,
    ],
    [
      'OIDC scopes in the claims are no evidence: userinfo is asked',
      { token: jwt({ scope: 'openid profile' }), userinfo: [{ scope: 'items:*' }] },
      'missing_scope',
      1,
    ],
    ['userinfo grants', { userinfo: [{ scope: 'openid uploads:*' }] }, 'passed', 1],
    ['userinfo lacks', { userinfo: [{ scope: 'items:read' }] }, 'missing_scope', 1],
    ['OIDC scopes alone are unknown', { userinfo: [{ scope: 'openid profile' }] }, 'passed', 1],
    ['userinfo without a scope is unknown', { userinfo: [{ sub: 'u' }] }, 'passed', 1],
    ['userinfo of an odd shape is unknown', { userinfo: [{ scope: ['items:read'] }] }, 'passed', 1],
    ['userinfo that fails is unknown', { userinfo: [new Error('down')] }, 'passed', 1],
    ['a token of three parts that is no JWT', { token: 'a.b.c' }, 'passed', 1],
    ['a JWT without a scope claim', { token: jwt({ sub: 'u' }) }, 'passed', 1],
    ['a JWT whose payload is a list', { token: jwt(['uploads:write']) }, 'passed', 1],
  ])('%s', async (_, sources, outcome, calls) => {
    const { check, asked } = checkWith(sources);
    const answer = await missing(check.require('uploads:write', 'uploads.initiate', never));
    expect([answer, asked()]).toEqual([outcome, calls]);
  });

  it('says it as the API does, with the scope to grant', async () => {
    const { check } = checkWith({ configured: ['items:read'] });
    await expect(check.require('uploads:write', 'uploads.initiate', never)).rejects.toMatchObject({
      kind: 'missing_scope',
      scope: 'uploads:write',
      detail: "missing scope 'uploads:write' for 'uploads.initiate'",
      status: undefined,
    });
  });

  it('asks nothing and lets the call itself fail where there is no token', async () => {
    let asked = false;
    const client = fakeGeopera({
      userinfo: async () => {
        asked = true;
      },
    });
    await createScopeCheck({ configured: [], client }).require('a:b', 'a.b', never);
    expect(asked).toBe(false);
  });
});

describe('asking userinfo', () => {
  it('once, also for calls at the same time, if it names scopes', async () => {
    const { check, asked } = checkWith({ userinfo: [{ scope: 'uploads:write' }] });
    await Promise.all([
      check.require('uploads:write', 'uploads.initiate', never),
      check.require('uploads:write', 'uploads.initiate', never),
    ]);
    expect(await missing(check.require('items:read', 'items.get', never))).toBe('missing_scope');
    expect(asked()).toBe(1);
  });

  it('again after it failed, and then judges', async () => {
    const { check, asked } = checkWith({ userinfo: [new Error('down'), { scope: 'items:read' }] });
    expect(await missing(check.require('uploads:write', 'x', never))).toBe('passed');
    expect(await missing(check.require('uploads:write', 'x', never))).toBe('missing_scope');
    expect(asked()).toBe(2);
  });

  it('is left at once when the call is cancelled, and serves the next call', async () => {
    let answer: (value: unknown) => void = () => undefined;
    let asked = 0;
    const client = fakeGeopera({
      userinfo: () => {
        asked += 1;
        return new Promise((resolve) => {
          answer = resolve;
        });
      },
    });
    const check = createScopeCheck({ configured: [], token: 'gpra_key', client });
    const cancel = new AbortController();
    const first = check.require('uploads:write', 'x', cancel.signal);
    const reason = new Error('cancelled by the client');
    cancel.abort(reason);
    await expect(first).rejects.toBe(reason);
    const second = check.require('uploads:write', 'x', never);
    answer({ scope: 'items:read' });
    expect(await missing(second)).toBe('missing_scope');
    expect(asked).toBe(1);
  });

  it('is not waited for by a call that was cancelled before', async () => {
    const { check } = checkWith({ userinfo: [{ scope: '*' }] });
    const reason = new Error('gone');
    await expect(check.require('a:b', 'a.b', AbortSignal.abort(reason))).rejects.toBe(reason);
  });
});

it('a call that was cancelled before does not let the failure of userinfo go unheard', async () => {
  const client = fakeGeopera({
    userinfo: () => Promise.reject(new Error('userinfo is down')),
  });
  const check = createScopeCheck({ configured: [], token: 'gpra_x', client });
  const cancelled = AbortSignal.abort(new DOMException('cancelled', 'AbortError'));
  // An unheard rejection would end the test run, as it would end the server.
  await expect(check.require('a:b', 'a.b', cancelled)).rejects.toMatchObject({
    name: 'AbortError',
  });
  await new Promise(setImmediate);
});
