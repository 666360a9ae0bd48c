import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Agent } from 'undici';
import { afterEach, describe, expect, it } from 'vitest';
import { ServiceError } from '../../../../src/connectors/http/service_error.ts';
import {
  exchangedTokens,
  fixedToken,
  noCredentials,
} from '../../../../src/connectors/opteryx/opteryx_credentials.ts';
import { opteryxService } from '../../../../src/connectors/opteryx/opteryx_service.ts';
import {
  type ExchangedToken,
  exchangeForToken,
} from '../../../../src/connectors/opteryx/token_exchange.ts';
import { noStagingJournal } from '../../../../src/connectors/staging_journal.ts';

const open: { close(): unknown }[] = [];

afterEach(async () => {
  for (const it of open.splice(0)) await it.close();
});

const never = new AbortController().signal;
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

/** Tokens t1, t2, … of so many seconds; each exchange waits until it is let go, if it is held. */
function exchanges(seconds: number) {
  let now = 0;
  let count = 0;
  const waiting: ((failure?: Error) => void)[] = [];
  let isHeld = false;
  const exchange = async (): Promise<ExchangedToken> => {
    count += 1;
    const token = `t${count}`;
    if (isHeld) {
      await new Promise<void>((resolve, reject) =>
        waiting.push((failure) => (failure ? reject(failure) : resolve())),
      );
    }
    return { token, seconds };
  };
  return {
    credentials: exchangedTokens(exchange, () => now),
    pass: (ms: number) => {
      now += ms;
    },
    hold: () => {
      isHeld = true;
    },
    letGo: (failure?: Error) => {
      isHeld = false;
      for (const go of waiting.splice(0)) go(failure);
    },
    count: () => count,
  };
}

describe('tokens for a credential', () => {
  it.each([
    { seconds: 300, passed: 0, exchanged: 1 },
    { seconds: 300, passed: 254_999, exchanged: 1 },
    { seconds: 300, passed: 255_000, exchanged: 2 },
    { seconds: 60, passed: 29_999, exchanged: 1 },
    { seconds: 60, passed: 30_000, exchanged: 2 },
  ])('of $seconds s are renewed before they end: $passed ms later $exchanged', async (row) => {
    const { credentials, pass, count } = exchanges(row.seconds);
    await credentials.headers(never);
    pass(row.passed);
    expect(await credentials.headers(never)).toEqual(bearer(`t${row.exchanged}`));
    expect(count()).toBe(row.exchanged);
  });

  it('are exchanged once for all who wait', async () => {
    const { credentials, hold, letGo, count } = exchanges(300);
    hold();
    const asked = Array.from({ length: 20 }, () =>
      credentials.headers(new AbortController().signal),
    );
    letGo();
    expect(await Promise.all(asked)).toEqual(asked.map(() => bearer('t1')));
    expect(count()).toBe(1);
  });

  it('are waited for by others when one of them is cancelled', async () => {
    const { credentials, hold, letGo, count } = exchanges(300);
    const stop = new AbortController();
    hold();
    const cancelled = credentials.headers(stop.signal);
    const other = credentials.headers(never);
    stop.abort(new Error('stopped'));
    await expect(cancelled).rejects.toThrow('stopped');
    letGo();
    expect(await other).toEqual(bearer('t1'));
    expect(count()).toBe(1);
    await expect(credentials.headers(stop.signal)).rejects.toThrow('stopped');
  });

  it('are asked for again after an exchange that failed', async () => {
    const { credentials, hold, letGo } = exchanges(300);
    hold();
    const failing = credentials.headers(never);
    letGo(new Error('away'));
    await expect(failing).rejects.toThrow('away');
    expect(await credentials.headers(never)).toEqual(bearer('t2'));
  });

  it('are dropped one by one: exactly the one that was refused', async () => {
    const { credentials, count } = exchanges(300);
    const first = await credentials.headers(never);
    expect(credentials.refused(first)).toBe(true);
    const second = await credentials.headers(never);
    // Another request had sent the first one, too.
    expect(credentials.refused(first)).toBe(true);
    expect(await credentials.headers(never)).toEqual(second);
    expect(count()).toBe(2);
  });
});

describe('a token that is all there is', () => {
  it('is sent, and cannot be renewed', async () => {
    const credentials = fixedToken('abc');
    const headers = await credentials.headers(never);
    expect(headers).toEqual(bearer('abc'));
    expect(credentials.refused(headers)).toBe(false);
  });
});

it('says what is missing where nothing is configured', async () => {
  await expect(noCredentials.headers(never)).rejects.toMatchObject({ kind: 'no_credentials' });
  expect(noCredentials.refused({})).toBe(false);
});

describe('which credentials a service has', () => {
  const settings = {
    uploadUrl: 'https://up.test/',
    authUrl: 'https://auth.test/',
    api: 'v1',
  } as const;
  const secret = { clientId: 'ada', clientSecret: 'opt_secret_01' };
  const tokenOf = (claims: object) =>
    ['{"alg":"none"}', JSON.stringify(claims), 'signature']
      .map((it) => Buffer.from(it).toString('base64url'))
      .join('.');

  it.each([
    ['a credential before a token', { ...secret, token: 'abc' }, 'ada', 'exchange'],
    [
      'a token where half a credential is missing',
      { clientId: 'ada', token: 'abc' },
      'token',
      'abc',
    ],
    ['the token of somebody', { token: tokenOf({ sub: 'bob', exp: 7 }) }, 'token of bob', 'eyJ'],
    ['a token of nobody', { token: tokenOf({ sub: 7 }) }, 'token', 'eyJ'],
    ['nothing', {}, 'token', 'no_credentials'],
  ])('%s', async (_which, given, account, way) => {
    const accounts: string[] = [];
    const service = opteryxService(
      { ...settings, ...given },
      {
        dispatcher: async () => Promise.reject(new DOMException('no network', 'exchange')),
        journal: ({ baseUrl }, who) => {
          accounts.push(`${who} at ${baseUrl}`);
          return noStagingJournal;
        },
        now: () => 0,
      },
    );
    const headers = await service.access.credentials
      ?.headers(never)
      .catch((error: unknown) => error);
    const told = headers instanceof ServiceError ? `${headers.kind}: ${headers.detail}` : headers;
    expect(JSON.stringify(told)).toContain(way);
    expect(accounts).toEqual([`${account} at https://up.test`]);
  });
});

describe('the exchange', () => {
  const SECRET = 'opt_a/b+c_01';

  async function exchanged(status: number, body: string) {
    const seen: { path: string | undefined; type: string | undefined; body: string }[] = [];
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        seen.push({
          path: request.url,
          type: request.headers['content-type'],
          body: Buffer.concat(chunks).toString(),
        });
        response.writeHead(status).end(body);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const dispatcher = new Agent();
    open.push(dispatcher, { close: () => server.close() });
    const address: AddressInfo | string | null = server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const result = await exchangeForToken(
      { clientId: 'ada', clientSecret: SECRET },
      { baseUrl: `http://127.0.0.1:${port}/auth`, dispatcher: async () => dispatcher },
      { now: () => 0 },
      never,
    ).catch((error: unknown) => error);
    return { seen, result };
  }

  it('is a form', async () => {
    const { seen, result } = await exchanged(200, '{"access_token":"a.b.c","expires_in":240}');
    expect(result).toEqual({ token: 'a.b.c', seconds: 240 });
    expect(seen).toEqual([
      {
        path: '/auth/token',
        type: 'application/x-www-form-urlencoded',
        body: 'grant_type=client_credentials&client_id=ada&client_secret=opt_a%2Fb%2Bc_01',
      },
    ]);
  });

  it('takes a token whose life is not told for one of five minutes', async () => {
    const { result } = await exchanged(200, '{"access_token":"abc"}');
    expect(result).toEqual({ token: 'abc', seconds: 300 });
  });

  it.each([
    [401, `{"detail":"no ${SECRET}"}`, 'unauthenticated', 'no …'],
    [400, `{"error":"invalid_client"}`, 'unauthenticated', 'invalid_client'],
    [
      422,
      `{"detail":[{"loc":["body","client_secret"],"msg":"too short: ${SECRET}","input":"${SECRET}"}]}`,
      'unauthenticated',
      'client_secret: too short: …',
    ],
    [403, `<html>${encodeURIComponent(SECRET)}</html>`, 'unauthenticated', '403'],
    [429, '{"detail":"slow down"}', 'rate_limited', 'slow down'],
    [504, '', 'unavailable', '504'],
    [200, '{"token":"abc"}', 'unexpected_answer', 'without a token'],
    [200, '{"access_token":"a\\nb: c","expires_in":1}', 'unexpected_answer', 'without a token'],
    [200, 'hello', 'not_the_api', 'not JSON'],
  ])(
    'of %s %s fails as %s, of known fate and without the secret',
    async (status, body, kind, words) => {
      const { result } = await exchanged(status, body);
      if (!(result instanceof ServiceError)) throw new Error(`no such failure: ${result}`);
      expect(result).toMatchObject({ call: 'opteryx.token', kind, fateUnknown: false });
      expect(result.detail).toContain(words);
      const all = `${result.stack} ${JSON.stringify(result)} ${result.cause}`;
      expect(all).not.toContain(SECRET);
      expect(all).not.toContain(encodeURIComponent(SECRET));
    },
  );
});
