import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createHostGate, InvalidHost } from '../../../../../src/transports/http/gates/host_gate.ts';
import { listening, RawConnection } from '../raw_http.ts';

const gate = createHostGate(['MCP.example.org', 'behind.example.org:8443', 'tls.example.org:443']);

describe('a host is', () => {
  it.each([
    ['localhost', 'localhost', undefined],
    ['LocalHost:3000', 'localhost', 3000],
    ['127.0.0.1:1', '127.0.0.1', 1],
    ['[::1]', '[::1]', undefined],
    ['[::1]:65535', '[::1]', 65_535],
    ['mcp.example.org', 'mcp.example.org', undefined],
    ['mcp.EXAMPLE.org:8080', 'mcp.example.org', 8080],
    ['behind.example.org:8443', 'behind.example.org', 8443],
    ['tls.example.org:443', 'tls.example.org', 443],
    ['tls.example.org', 'tls.example.org', undefined],
  ])('admitted: %s', (host, name, port) => {
    expect(gate.admit({ host: [host] })).toEqual({ name, port });
  });

  it.each([
    'evil.example',
    'localhost.evil.example',
    'evil-localhost',
    'localhost.',
    'example.org',
    'a.mcp.example.org',
    'behind.example.org',
    'behind.example.org:443',
    'tls.example.org:80',
    '127.0.0.1.nip.io',
    '127.0.0.2',
    '0x7f.1',
    '[::ffff:127.0.0.1]',
    '::1',
    '',
    ' ',
    ':80',
    'localhost:',
    'localhost:0',
    'localhost:65536',
    'localhost:080a',
    'localhost:80:80',
    'user@localhost',
    'localhost@evil.example',
    'localhost/',
    'localhost#',
    'localhost?x',
    'localhost, evil.example',
    'localhost evil.example',
    'http://localhost',
    'localhost\r\nX: y',
    'локалхост',
    'localhost%00',
    `${'a'.repeat(300)}.example.org`,
  ])('refused: %j', (host) => {
    expect(gate.admit({ host: [host] })).toBeUndefined();
  });

  it('refused where it is missing or there are two', () => {
    expect(gate.admit({})).toBeUndefined();
    expect(gate.admit({ host: [] })).toBeUndefined();
    expect(gate.admit({ host: ['localhost', 'localhost'] })).toBeUndefined();
  });
});

it('nothing else gets in, and nothing makes it throw', () => {
  const known = new Set(['localhost', '127.0.0.1', '[::1]', 'mcp.example.org']);
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.domain()), (host) => {
      const admitted = gate.admit({ host: [host] });
      expect(admitted === undefined || known.has(admitted.name)).toBe(true);
    }),
  );
});

it.each(['', '*', 'https://mcp.example.org', 'mcp.example.org/mcp', '::1', 'a b', 'a:b'])(
  'a setting of %j is refused at once',
  (entry) => {
    expect(() => createHostGate([entry])).toThrow(InvalidHost);
  },
);

it('sees both of two Host headers, and a request without one', async () => {
  const { port } = await listening(
    (request, response) => {
      const verdict = gate.admit(request.headersDistinct) === undefined ? 'refused' : 'admitted';
      response.end(verdict);
    },
    { requireHostHeader: false },
  );
  const verdicts: string[] = [];
  for (const host of ['Host: localhost\r\n', 'Host: localhost\r\nHost: evil.example\r\n', '']) {
    const connection = await RawConnection.open(port);
    connection.write(`GET / HTTP/1.1\r\n${host}\r\n`);
    verdicts.push((await connection.answer()).body);
  }
  expect(verdicts).toEqual(['admitted', 'refused', 'refused']);
});
