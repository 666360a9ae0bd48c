import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAuthority } from '../../../../../src/transports/http/gates/authority.ts';
import {
  createOriginGate,
  InvalidOrigin,
} from '../../../../../src/transports/http/gates/origin_gate.ts';

const gate = createOriginGate([
  'https://App.example.org',
  'vscode-webview://panel',
  'http://a.b:81',
]);

function judged(origin: string | undefined, host = 'localhost:3000', method = 'POST') {
  const authority = parseAuthority(host);
  if (authority === undefined) throw new Error(`the test names no host: ${host}`);
  return gate.judge(method, origin === undefined ? {} : { origin: [origin] }, authority);
}

const CORS = {
  'Access-Control-Allow-Origin': 'https://app.example.org',
  'Access-Control-Expose-Headers':
    'Mcp-Session-Id, Mcp-Protocol-Version, WWW-Authenticate, X-Request-Id, Retry-After',
  Vary: 'Origin',
};

describe('an origin is', () => {
  it.each([
    [undefined, 'localhost:3000'],
    ['http://localhost:3000', 'localhost:3000'],
    ['https://localhost:3000', 'localhost:3000'],
    ['https://mcp.example.org', 'mcp.example.org'],
    ['https://mcp.example.org', 'mcp.example.org:443'],
    ['http://mcp.example.org:80', 'mcp.example.org'],
    ['http://[::1]:80', '[::1]:80'],
  ])('admitted without a word on CORS: %s at %s', (origin, host) => {
    expect(judged(origin, host)).toEqual({ kind: 'admitted', headers: {} });
  });

  it('admitted and told to browsers where it is listed', () => {
    expect(judged('https://app.example.org')).toEqual({ kind: 'admitted', headers: CORS });
    expect(judged('vscode-webview://panel')).toMatchObject({
      headers: { 'Access-Control-Allow-Origin': 'vscode-webview://panel' },
    });
  });

  it.each([
    ['null', 'localhost:3000'],
    ['', 'localhost:3000'],
    ['*', 'localhost:3000'],
    ['http://evil.example', 'localhost:3000'],
    ['http://localhost', 'localhost:3000'],
    ['http://localhost:3001', 'localhost:3000'],
    ['http://localhost:3000.evil.example', 'localhost:3000'],
    ['http://user@localhost:3000', 'localhost:3000'],
    ['http://localhost:3000/', 'localhost:3000'],
    ['http://localhost:3000, http://evil.example', 'localhost:3000'],
    ['file://localhost:3000', 'localhost:3000'],
    ['http://mcp.example.org', 'mcp.example.org:443'],
    ['http://app.example.org', 'localhost:3000'],
    ['https://app.example.org:443', 'localhost:3000'],
    ['https://app.example.org.evil.example', 'localhost:3000'],
    ['http://a.b', 'localhost:3000'],
  ])('refused: %j at %s', (origin, host) => {
    expect(judged(origin, host)).toEqual({ kind: 'refused' });
  });

  it('refused where there are two', () => {
    const origin = ['https://app.example.org', 'https://app.example.org'];
    expect(gate.judge('POST', { origin }, { name: 'localhost', port: 1 })).toEqual({
      kind: 'refused',
    });
  });
});

describe('a preflight is', () => {
  const asks = (origin: string) =>
    gate.judge(
      'OPTIONS',
      { origin: [origin], 'access-control-request-method': ['POST'] },
      { name: 'localhost', port: 3000 },
    );

  it('answered for a listed origin', () => {
    expect(asks('https://app.example.org')).toEqual({
      kind: 'preflight',
      headers: {
        ...CORS,
        'Access-Control-Allow-Methods': 'GET, POST, DELETE',
        'Access-Control-Allow-Headers':
          'Authorization, Content-Type, Accept, Mcp-Session-Id, Mcp-Protocol-Version, Last-Event-ID',
      },
    });
  });

  it.each(['http://localhost:3000', 'https://evil.example', 'null'])('refused for %s', (origin) => {
    expect(asks(origin)).toEqual({ kind: 'refused' });
  });

  it('not any OPTIONS', () => {
    expect(judged('https://app.example.org', 'localhost:3000', 'OPTIONS').kind).toBe('admitted');
  });
});

it('whatever comes as Origin, the answer names only what was listed', () => {
  const listed = new Set(['https://app.example.org', 'vscode-webview://panel', 'http://a.b:81']);
  const origins = fc.oneof(fc.string({ unit: 'binary' }), fc.webUrl(), fc.constantFrom(...listed));
  fc.assert(
    fc.property(origins, (origin) => {
      const verdict = judged(origin);
      const told = verdict.kind === 'refused' ? {} : verdict.headers;
      expect(told['Access-Control-Allow-Origin']).toBe(listed.has(origin) ? origin : undefined);
    }),
  );
});

it.each(['*', 'null', '', 'app.example.org', 'https://a/b', 'https://a/', 'https://a, https://b'])(
  'a setting of %j is refused at once',
  (entry) => {
    expect(() => createOriginGate([entry])).toThrow(InvalidOrigin);
  },
);
