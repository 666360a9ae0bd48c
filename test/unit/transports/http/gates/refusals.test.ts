import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { rawRefusal, refuse } from '../../../../../src/transports/http/gates/json_rpc_refusal.ts';
import {
  REFUSALS,
  type RefusalName,
  Refused,
} from '../../../../../src/transports/http/gates/refusals.ts';
import { listening, RawConnection } from '../raw_http.ts';

const JSON_RPC = z
  .object({
    jsonrpc: z.literal('2.0'),
    error: z.object({ code: z.number().int(), message: z.string() }).strict(),
    id: z.union([z.null(), z.number(), z.string()]),
  })
  .strict();

const TABLE: readonly (readonly [RefusalName, number, number])[] = [
  ['host', 403, -32_000],
  ['origin', 403, -32_000],
  ['noToken', 401, -32_000],
  ['badToken', 401, -32_000],
  ['malformedAuthorization', 400, -32_000],
  ['verifierUnavailable', 503, -32_000],
  ['bodyTooLarge', 413, -32_000],
  ['mediaType', 415, -32_000],
  ['badJson', 400, -32_700],
  ['tooDeep', 400, -32_600],
  ['forbiddenKey', 400, -32_600],
  ['unknownSession', 404, -32_001],
  ['tooManySessions', 503, -32_000],
  ['rate', 429, -32_000],
  ['notFound', 404, -32_000],
  ['method', 405, -32_000],
  ['draining', 503, -32_000],
  ['headerTooLarge', 431, -32_000],
  ['requestTimeout', 408, -32_000],
  ['malformedRequest', 400, -32_000],
  ['internal', 500, -32_603],
];

describe('the table of refusals', () => {
  it.each(TABLE)('%s is a %i with code %i', (reason, status, code) => {
    expect(REFUSALS[reason]).toMatchObject({ status, code });
  });

  it.each(Object.entries(REFUSALS))(
    'says the same over a response and a bare socket: %s',
    async (_reason, kind) => {
      const { status, code } = kind;
      const { port } = await listening((_request, response) => {
        refuse(response, { ...kind, requestId: 'r-1' });
      });
      const connection = await RawConnection.open(port);
      connection.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
      const answer = await connection.answer();
      expect(answer.status).toBe(status);
      expect(JSON_RPC.parse(JSON.parse(answer.body))).toMatchObject({ error: { code }, id: null });
      expect(answer.headers).toMatchObject({
        'content-type': 'application/json',
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        'x-request-id': 'r-1',
      });
      const raw = rawRefusal({ ...kind, requestId: 'r-1' });
      expect(raw).toMatch(new RegExp(`^HTTP/1\\.1 ${status} [A-Z]`));
      expect(raw.endsWith(`\r\n\r\n${answer.body}`)).toBe(true);
      expect(raw).toContain('\r\nConnection: close\r\n');
    },
  );

  it('lets come later what a refusal may be waited out for', () => {
    const waits = Object.values(REFUSALS).filter(({ status }) => status === 503);
    expect(waits.map((kind) => 'headers' in kind && 'Retry-After' in kind.headers)).toEqual(
      waits.map(() => true),
    );
  });
});

it('headers known only now join those of the table', () => {
  const { kind, message } = new Refused('draining', { 'Retry-After': '9' });
  expect(kind.headers).toEqual({ Connection: 'close', 'Retry-After': '9' });
  expect(message).toBe(REFUSALS.draining.message);
});

it('names the JSON-RPC request where it is known', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.integer()), (id) => {
      const raw = rawRefusal({ ...REFUSALS.rate, requestId: 'r', id });
      const body = raw.slice(raw.indexOf('\r\n\r\n') + 4);
      expect(JSON_RPC.parse(JSON.parse(body)).id).toBe(id);
      expect(raw).toContain(`\r\nContent-Length: ${Buffer.byteLength(body)}\r\n`);
    }),
  );
});

describe('a refusal over a connection', () => {
  const refusing = (reason: RefusalName) =>
    listening((_request, response) => {
      response.setHeader('Vary', 'Origin');
      refuse(response, { ...REFUSALS[reason], requestId: 'r' });
    });

  it('keeps headers that were set before', async () => {
    const connection = await RawConnection.open((await refusing('rate')).port);
    connection.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
    expect((await connection.answer()).headers).toMatchObject({ vary: 'Origin' });
  });

  it('comes before the body is sent, and the next request finds the connection in order', async () => {
    const connection = await RawConnection.open((await refusing('noToken')).port);
    connection.write('POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 300000\r\n\r\n');
    expect((await connection.answer()).status).toBe(401);
    connection.write('x'.repeat(300_000));
    connection.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
    expect((await connection.answer()).status).toBe(401);
  });

  it('reaches a client that sends everything before it reads, where the connection ends', async () => {
    const connection = await RawConnection.open((await refusing('bodyTooLarge')).port);
    connection.write('POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9000000\r\n\r\n');
    connection.write('x'.repeat(9_000_000));
    const answer = await connection.answer();
    expect([answer.status, answer.headers['connection']]).toEqual([413, 'close']);
    expect([await connection.closed(), connection.broken]).toEqual(['', undefined]);
  });

  it('breaks off an answer that has begun', async () => {
    const { port } = await listening((_request, response) => {
      response.writeHead(200, { 'Content-Length': 100 });
      response.write('half');
      refuse(response, { ...REFUSALS.rate, requestId: 'r' });
    });
    const connection = await RawConnection.open(port);
    connection.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
    expect(await connection.closed()).not.toContain('jsonrpc');
  });

  it('does nothing for a client that has left', async () => {
    let late: (outcome: unknown) => void = () => undefined;
    const outcome = new Promise((resolve) => {
      late = resolve;
    });
    const { port } = await listening((_request, response) => {
      response.once('close', () => {
        try {
          refuse(response, { ...REFUSALS.rate, requestId: 'r' });
          late(response.headersSent);
        } catch (error) {
          late(error);
        }
      });
      response.socket?.destroy();
    });
    const connection = await RawConnection.open(port);
    connection.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
    expect(await outcome).toBe(false);
  });
});
