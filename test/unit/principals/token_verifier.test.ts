import { inspect } from 'node:util';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { GeoperaError, type GeoperaErrorKind } from '../../../src/geopera/geopera_error.ts';
import {
  createTokenVerifier,
  TokenRefused,
  VerifierUnavailable,
} from '../../../src/principals/token_verifier.ts';
import { tokenOf } from './token_of.ts';

const issuer = 'https://api.geopera.com/realms/public';
const never = new AbortController().signal;
const START = 1_700_000_000_000;

type Userinfo = (token: string, signal: AbortSignal) => Promise<unknown>;

/** A verifier whose time stands still until it is told, and what it asked. */
function verifierOver(userinfo: Userinfo) {
  const asked: string[] = [];
  let time = START;
  const verifier = createTokenVerifier({
    issuer,
    now: () => time,
    userinfo: (token, signal) => {
      asked.push(token);
      return userinfo(token, signal);
    },
  });
  return {
    verifier,
    asked,
    pass: (ms: number) => {
      time += ms;
    },
  };
}

const refusal = (kind: GeoperaErrorKind, status?: number, retryAfterSeconds?: number) =>
  new GeoperaError({
    kind,
    operationId: 'userinfo',
    detail: 'no',
    ...(status === undefined ? {} : { status }),
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  });

describe('a principal is named', () => {
  it.each<[Record<string, unknown>, string, readonly string[] | undefined]>([
    [{ geopera_principal_id: 'p_1', sub: 's', iss: 'i' }, 'p_1', undefined],
    [
      { geopera_principal_id: 'p_1', scope: 'openid items:read uploads:*' },
      'p_1',
      ['items:read', 'uploads:*'],
    ],
    [{ sub: 's', iss: 'https://other' }, 'https://other s', undefined],
    [{ sub: 's', scope: 'openid profile' }, `${issuer} s`, undefined],
  ])('%o', async (answer, id, scopes) => {
    const { verifier } = verifierOver(async () => answer);
    expect(await verifier.verify('t', never)).toEqual({ id, scopes, expiresAt: undefined });
  });

  it('with the end of the token', async () => {
    const { verifier } = verifierOver(async () => ({ sub: 's' }));
    const expiresAt = START + 5000;
    expect(await verifier.verify(tokenOf({ exp: expiresAt / 1000 }), never)).toMatchObject({
      expiresAt,
    });
  });

  it.each([
    undefined,
    null,
    'text',
    {},
    { sub: '' },
    { sub: 1 },
    { sub: 'x'.repeat(300) },
    { iss: 'i' },
  ])('by nothing else: %o', async (answer) => {
    const { verifier } = verifierOver(async () => answer);
    await expect(verifier.verify('t', never)).rejects.toThrow(VerifierUnavailable);
  });
});

describe('what Geopera says or does not say', () => {
  it.each<[GeoperaErrorKind, number]>([
    ['unauthenticated', 401],
    ['forbidden', 403],
    ['missing_scope', 403],
    ['invalid_input', 400],
  ])('%s (%i) is a refused token', async (kind, status) => {
    const { verifier } = verifierOver(() => Promise.reject(refusal(kind, status)));
    await expect(verifier.verify('t', never)).rejects.toThrow(TokenRefused);
  });

  it.each<[GeoperaErrorKind, number | undefined, number | undefined]>([
    ['unreachable', undefined, undefined],
    ['unavailable', 503, 7],
    ['rate_limited', 429, 30],
    ['not_found', 404, undefined],
    ['not_the_api', 502, undefined],
    ['unexpected_answer', undefined, undefined],
  ])('%s (%s) says nothing of the token', async (kind, status, seconds) => {
    const { verifier, asked } = verifierOver(() => Promise.reject(refusal(kind, status, seconds)));
    const failed = { name: 'VerifierUnavailable', retryAfterSeconds: seconds };
    await expect(verifier.verify('t', never)).rejects.toMatchObject(failed);
    await expect(verifier.verify('t', never)).rejects.toMatchObject(failed);
    expect(asked).toHaveLength(2);
  });

  it('a fault of our own stays one', async () => {
    const { verifier } = verifierOver(() => Promise.reject(new TypeError('fault')));
    await expect(verifier.verify('t', never)).rejects.toThrow(TypeError);
  });
});

describe('an answer is remembered', () => {
  it('for a minute', async () => {
    const { verifier, asked, pass } = verifierOver(async () => ({ sub: 's' }));
    await verifier.verify('t', never);
    pass(59_999);
    await verifier.verify('t', never);
    expect(asked).toHaveLength(1);
    pass(1);
    await verifier.verify('t', never);
    expect(asked).toHaveLength(2);
  });

  it('never beyond the end of the token', async () => {
    const { verifier, asked, pass } = verifierOver(async () => ({ sub: 's' }));
    const token = tokenOf({ exp: (START + 2000) / 1000 });
    await verifier.verify(token, never);
    pass(1999);
    await verifier.verify(token, never);
    expect(asked).toHaveLength(1);
    pass(1);
    await verifier.verify(token, never);
    expect(asked).toHaveLength(2);
  });

  it('for five seconds where it was a refusal', async () => {
    const { verifier, asked, pass } = verifierOver(() =>
      Promise.reject(refusal('unauthenticated', 401)),
    );
    const refused = () => expect(verifier.verify('t', never)).rejects.toThrow(TokenRefused);
    await refused();
    pass(4999);
    await refused();
    expect(asked).toHaveLength(1);
    pass(1);
    await refused();
    expect(asked).toHaveLength(2);
  });

  it('of each token alone, ten thousand of them', async () => {
    const { verifier, asked } = verifierOver(async (token) => ({ sub: token }));
    for (let count = 0; count < 10_001; count += 1) await verifier.verify(`t${count}`, never);
    expect((await verifier.verify('t10000', never)).id).toBe(`${issuer} t10000`);
    expect(asked).toHaveLength(10_001);
    await verifier.verify('t0', never);
    expect(asked).toHaveLength(10_002);
  });

  it('without the token itself', async () => {
    const { verifier } = verifierOver(async () => ({ sub: 's' }));
    await verifier.verify('gpra_secret', never);
    expect(inspect(verifier, { depth: 20, showHidden: true })).not.toContain('gpra_secret');
    expect(JSON.stringify(await verifier.verify('gpra_secret', never))).not.toContain(
      'gpra_secret',
    );
  });
});

/** Answers that are held until a test lets them go. */
function heldAnswers() {
  const held: { readonly signal: AbortSignal; readonly answer: (value: unknown) => void }[] = [];
  const userinfo: Userinfo = (_token, signal) =>
    new Promise((answer, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason));
      held.push({ signal, answer });
    });
  return { held, userinfo };
}

describe('at the same time', () => {
  it('one token is asked about once', async () => {
    const { held, userinfo } = heldAnswers();
    const { verifier } = verifierOver(userinfo);
    const all = [1, 2, 3].map(() => verifier.verify('t', never));
    held[0]?.answer({ sub: 's' });
    expect(new Set((await Promise.all(all)).map(({ id }) => id)).size).toBe(1);
    expect(held).toHaveLength(1);
  });

  it('one who leaves does not end it for the others, and the last one does', async () => {
    const { held, userinfo } = heldAnswers();
    const { verifier } = verifierOver(userinfo);
    const [one, other] = [new AbortController(), new AbortController()];
    const [first, second] = [verifier.verify('t', one.signal), verifier.verify('t', other.signal)];
    one.abort(new Error('one left'));
    await expect(first).rejects.toThrow('one left');
    expect(held[0]?.signal.aborted).toBe(false);
    other.abort(new Error('the other left'));
    await expect(second).rejects.toThrow('the other left');
    expect(held[0]?.signal.aborted).toBe(true);
    const third = verifier.verify('t', never);
    held[1]?.answer({ sub: 's' });
    await expect(third).resolves.toMatchObject({ id: `${issuer} s` });
  });

  it('32 tokens are asked about, 512 more wait, and no others', async () => {
    const { held, userinfo } = heldAnswers();
    const { verifier } = verifierOver(userinfo);
    const all = Array.from({ length: 32 + 512 }, (_, count) =>
      verifier.verify(`t${count}`, new AbortController().signal),
    );
    await expect(verifier.verify('one more', never)).rejects.toMatchObject({
      retryAfterSeconds: 1,
    });
    expect(held).toHaveLength(32);
    for (let answered = 0; answered < all.length; answered += 1) {
      held[answered]?.answer({ sub: 's' });
      await all[answered];
    }
    expect(await Promise.all(all)).toHaveLength(32 + 512);
  });

  it('who is known is asked about at once, however many strangers wait', async () => {
    const { verifier, asked, pass } = verifierOver((token) =>
      token === 'known' ? Promise.resolve({ sub: 's' }) : new Promise(() => undefined),
    );
    await verifier.verify('known', never);
    pass(61_000);
    const strangers = new AbortController();
    const tokens = Array.from({ length: 600 }, (_, index) => `stranger ${index}`);
    const tries = tokens.map((token) => verifier.verify(token, strangers.signal));
    const settled = Promise.allSettled(tries);
    expect(await verifier.verify('known', never)).toMatchObject({ id: `${issuer} s` });
    expect(asked.filter((token) => token === 'known')).toHaveLength(2);
    strangers.abort();
    await settled;
  });

  it('who has left already is not asked for', async () => {
    const { verifier, asked } = verifierOver(async () => ({ sub: 's' }));
    await expect(verifier.verify('t', AbortSignal.abort(new Error('left')))).rejects.toThrow(
      'left',
    );
    expect(asked).toEqual([]);
  });
});

describe('an endpoint that never answers', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it('is given up', async () => {
    vi.useFakeTimers();
    const { verifier } = verifierOver(heldAnswers().userinfo);
    const outcome = expect(verifier.verify('t', never)).rejects.toThrow(VerifierUnavailable);
    await vi.advanceTimersByTimeAsync(10_000);
    await outcome;
  });
});
