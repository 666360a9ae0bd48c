import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { createServiceClient } from '../../../../src/connectors/http/service_client.ts';
import type {
  Credentials,
  ServiceRequest,
} from '../../../../src/connectors/http/service_request.ts';
import { createTransferEngine } from '../../../../src/transfer/engine.ts';
import { createConnections } from '../../../../src/transfer/http/undici_agents.ts';
import { memorySource } from '../../../../src/transfer/sources/memory_source.ts';
import { type Handler, hangUp, json, text, tinyApi } from '../../geopera/tiny_api.ts';

const never = new AbortController().signal;
const refused = (status: number, headers: Record<string, string> = {}) =>
  json({ detail: `refused with ${status}` }, status, headers);

/** Tokens t1, t2, …: a new one once the last was refused. */
function renewable(most = Number.POSITIVE_INFINITY): Credentials {
  let given = 1;
  return {
    headers: async () => ({ authorization: `Bearer t${given}` }),
    refused() {
      given += 1;
      return given <= most;
    },
  };
}

async function client(
  handlers: readonly Handler[],
  credentials: Credentials | undefined = renewable(),
  nowhere?: string,
) {
  const api = await tinyApi(...handlers);
  const waits: number[] = [];
  const engine = createTransferEngine({
    random: () => 1,
    clock: {
      now: Date.now,
      wait: async (ms, signal) => {
        waits.push(ms);
        await new Promise(setImmediate);
        signal.throwIfAborted();
      },
    },
  });
  const connections = createConnections(1_000);
  onTestFinished(async () => {
    await engine.close();
    await connections.close();
  });
  const access = {
    service: 'opteryx',
    baseUrl: nowhere ?? api.url,
    credentials,
    dispatcher: () => connections.open('shared'),
  } as const;
  const request = (more: Partial<ServiceRequest> = {}): ServiceRequest => ({
    call: 'opteryx.inspect_session',
    method: 'POST',
    path: '/v1/x',
    repeatable: true,
    answerSeconds: 5,
    signal: never,
    ...more,
  });
  return { api, waits, request, client: createServiceClient(access, engine) };
}

describe('a request to a service', () => {
  it('goes out with credentials and JSON, and answers JSON', async () => {
    const { api, client: service, request } = await client([json({ id: 's' }, 201)]);
    const answer = await service.request(request({ json: { a: 1 }, headers: { 'x-more': 'yes' } }));
    expect(answer).toEqual({ status: 201, json: { id: 's' } });
    expect(api.requests[0]).toMatchObject({ method: 'POST', path: '/v1/x', body: '{"a":1}' });
    expect(api.requests[0]?.headers).toMatchObject({
      authorization: 'Bearer t1',
      'content-type': 'application/json',
      'x-more': 'yes',
    });
  });

  it('may be a form, and may be answered with nothing', async () => {
    const { api, client: service, request } = await client([text('', {}, 204)]);
    const answer = await service.request(request({ form: { grant_type: 'client credentials' } }));
    expect(answer).toEqual({ status: 204, json: undefined });
    expect(api.requests[0]?.body).toBe('grant_type=client+credentials');
  });

  it('is made once more with other credentials where these were refused', async () => {
    const { api, waits, client: service, request } = await client([refused(401), json({})]);
    await service.request(request({ repeatable: false }));
    expect(api.requests.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer t1',
      'Bearer t2',
    ]);
    expect(waits).toEqual([]);
  });

  it.each([
    ['are refused again', renewable()],
    ['cannot be renewed', renewable(1)],
  ])('fails where the credentials %s', async (_why, credentials) => {
    const { api, client: service, request } = await client([refused(401)], credentials);
    await expect(service.request(request())).rejects.toMatchObject({ kind: 'unauthenticated' });
    expect(api.requests.length).toBeLessThanOrEqual(2);
  });

  it.each<[string, Handler, boolean, number]>([
    ['504 that may be repeated', refused(504), true, 4],
    ['504 that may not', refused(504), false, 1],
    ['429, which did nothing', refused(429, { 'retry-after': '2' }), false, 4],
    ['a lost answer that may be repeated', hangUp, true, 4],
    ['a lost answer that may not', hangUp, false, 1],
    ['409', refused(409), true, 1],
    ['410', refused(410), true, 1],
    ['413', refused(413), true, 1],
    ['422', refused(422), true, 1],
    [
      'a longer wait than anybody has patience for',
      refused(429, { 'retry-after': '900' }),
      true,
      1,
    ],
  ])('is tried as often as does no harm: %s', async (_what, handler, repeatable, tries) => {
    const { api, waits, client: service, request } = await client([handler]);
    await expect(service.request(request({ repeatable }))).rejects.toThrow(
      'opteryx.inspect_session',
    );
    expect(api.requests).toHaveLength(tries);
    expect(waits).toHaveLength(tries - 1);
  });

  it('succeeds in a later try, and has a limit of its own for these', async () => {
    const { api, client: service, request } = await client([refused(502), refused(502), json({})]);
    await expect(service.request(request({ tries: 2 }))).rejects.toMatchObject({ status: 502 });
    await service.request(request());
    expect(api.requests).toHaveLength(3);
  });

  it.each<[string, Handler, string]>([
    ['a redirect', text('', { location: 'https://elsewhere.example' }, 302), 'not_the_api'],
    ['a page', text('<html>', { 'content-type': 'text/html' }), 'not_the_api'],
    ['JSON of another form', json({ other: 1 }), 'unexpected_answer'],
  ])('is not taken in by %s', async (_what, handler, kind) => {
    const { client: service, request } = await client([handler]);
    const answer = service.ask(
      request({ repeatable: false }),
      z.object({ session_id: z.string() }),
    );
    await expect(answer).rejects.toMatchObject({ kind });
  });

  it.each<[string, Record<string, string>, Partial<ServiceRequest>]>([
    ['a key', { 'x-api-key': 'k3y-of-no-form' }, {}],
    ['a token', { authorization: 'Bearer k3y-of-no-form' }, {}],
    [
      'a key with bytes',
      { 'x-api-key': 'k3y-of-no-form' },
      { method: 'PUT', bytes: { source: memorySource(Buffer.from('x')) } },
    ],
  ])('does not repeat %s that the service quotes', async (_what, headers, more) => {
    const quoting: Handler = json({ detail: 'k3y-of-no-form may not do this' }, 403);
    const credentials = { headers: async () => headers, refused: () => false };
    const { client: service, request } = await client([quoting], credentials);
    await expect(service.request(request(more))).rejects.toMatchObject({
      kind: 'forbidden',
      detail: '… may not do this',
    });
  });

  it('ends with the reason of whoever stops it', async () => {
    const stop = new AbortController();
    const reason = new Error('cancelled by the client');
    const { client: service, request } = await client([() => stop.abort(reason)]);
    await expect(service.request(request({ signal: stop.signal }))).rejects.toBe(reason);
  });

  it('says that nothing was sent where nobody listens', async () => {
    const { api, client: service, request } = await client([json({})]);
    const nowhere = createServiceClient(
      {
        service: 'geolens',
        baseUrl: 'http://127.0.0.1:9',
        credentials: undefined,
        dispatcher: () => createConnections(1_000).open('shared'),
      },
      createTransferEngine(),
    );
    const failure = nowhere.request(request({ tries: 1 }));
    await expect(failure).rejects.toMatchObject({ kind: 'unreachable', fateUnknown: false });
    expect(api.requests).toEqual([]);
    await service.request(request());
  });

  describe('with bytes', () => {
    const source = (bytes: Uint8Array) => ({
      size: bytes.byteLength,
      async *chunks() {
        yield bytes;
      },
      close: async () => undefined,
    });

    it('sends them with their length, again from the start where a try failed', async () => {
      const sent: number[] = [];
      const {
        api,
        client: service,
        request,
      } = await client([refused(504), json({ status: 'stored' })]);
      const bytes = {
        source: source(Buffer.from('a,b\n1,2\n')),
        onSent: (n: number) => sent.push(n),
      };
      const { json: answer } = await service.request(request({ method: 'PUT', bytes }));
      expect(answer).toEqual({ status: 'stored' });
      expect(api.requests.map(({ body }) => body)).toEqual(['a,b\n1,2\n', 'a,b\n1,2\n']);
      expect(api.requests[1]?.headers['content-length']).toBe('8');
      expect(sent).toEqual([8, 8]);
    });

    it('lost on their way are told as a service out of reach, of unknown fate', async () => {
      const { client: service, request } = await client([hangUp]);
      const bytes = { source: source(Buffer.from('x')) };
      const failure = service.request(request({ method: 'PUT', bytes, repeatable: false }));
      await expect(failure).rejects.toMatchObject({ kind: 'unreachable', fateUnknown: true });
    });

    it('are tried again where nobody listens, as nothing was sent', async () => {
      const nowhere = 'http://127.0.0.1:9';
      const { waits, client: service, request } = await client([], undefined, nowhere);
      const bytes = { source: source(Buffer.from('x')) };
      const failure = service.request(request({ method: 'PUT', bytes, repeatable: false }));
      await expect(failure).rejects.toMatchObject({
        kind: 'unreachable',
        detail: 'no answer came (ECONNREFUSED)',
        fateUnknown: false,
      });
      expect(waits).toHaveLength(3);
    });

    it('reads an answer that is longer than an error document', async () => {
      const written = Array.from({ length: 2_000 }, (_, row) => ({ row, name: 'harbour' }));
      const { client: service, request } = await client([json({ written })]);
      const bytes = { source: source(Buffer.from('x')) };
      const { json: answer } = await service.request(request({ method: 'POST', bytes }));
      expect(answer).toEqual({ written });
    });
  });
});
