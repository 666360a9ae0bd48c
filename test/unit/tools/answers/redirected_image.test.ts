import { describe, expect, it } from 'vitest';
import type { FileAnswer } from '../../../../src/geopera/answers.ts';
import { type Handler, text, tinyApi } from '../../geopera/tiny_api.ts';
import { answerToFile, noteOf } from './answer_world.ts';

const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47]);

const sends =
  (bytes: Buffer, headers: Record<string, string>, status = 200): Handler =>
  (response) => {
    response.writeHead(status, headers);
    response.end(bytes);
  };
const png = sends(PNG, { 'content-type': 'image/png', 'content-length': '4' });

/** Answers with a redirect to a path of itself. */
const leadsTo = (location: string): Handler => text('', { location }, 302);

/** What becomes of an answer that leads to a server on this machine, of an API at an address. */
async function shownFrom(handlers: Handler[], from = 'http://127.0.0.1:1/v1/op/x') {
  const server = await tinyApi(...handlers);
  const redirect: FileAnswer = {
    kind: 'redirect',
    location: `${server.url}/q.png?sig=SECRET`,
    from,
  };
  return { answer: await answerToFile(redirect, { response: 'redirect' }), server };
}

describe('an image that the API leads to', () => {
  it('is fetched without a token and shown', async () => {
    const { answer, server } = await shownFrom([png]);
    expect(answer).toEqual({
      facts: { media_type: 'image/png', bytes: 4 },
      images: [{ data: PNG.toString('base64'), mediaType: 'image/png' }],
    });
    expect(server.requests).toHaveLength(1);
    expect(server.requests[0]).toMatchObject({ method: 'GET', path: '/q.png?sig=SECRET' });
    expect(server.requests[0]?.headers).not.toHaveProperty('authorization');
  });

  it('is told with its address, unless that is signed', async () => {
    const server = await tinyApi(png);
    const location = `${server.url}/q.png`;
    const redirect: FileAnswer = { kind: 'redirect', location, from: server.url };
    const answer = await answerToFile(redirect, { response: 'redirect' });
    expect(answer.facts).toEqual({ media_type: 'image/png', bytes: 4, url: location });
    expect(answer.secrets).toBeUndefined();
  });

  it('that is drawn in SVG is given as text', async () => {
    const svg = sends(Buffer.from('<svg/>'), { 'content-type': 'image/svg+xml' });
    const { answer } = await shownFrom([svg]);
    expect(answer).toEqual({ facts: { media_type: 'image/svg+xml', text: '<svg/>' } });
  });

  it.each([
    [1, 1],
    [2, 1],
    [3, 0],
  ])('is followed over two redirects, not more: %d', async (redirects, images) => {
    const hops = Array.from({ length: redirects }, () => leadsTo('/next'));
    const { answer, server } = await shownFrom([...hops, png]);
    expect(answer.images ?? []).toHaveLength(images);
    expect(server.requests).toHaveLength(Math.min(redirects, 2) + 1);
  });

  it.each<[string, Handler]>([
    ['is not there', sends(PNG, { 'content-type': 'image/png' }, 404)],
    ['is no image', sends(PNG, { 'content-type': 'text/html' })],
    ['is of no type', sends(PNG, {})],
    ['is packed', sends(PNG, { 'content-type': 'image/png', 'content-encoding': 'gzip' })],
    ['does not come', (response) => response.destroy()],
    ['leads to another machine', leadsTo('http://10.0.0.1/x.png')],
    ['leads to no web address', leadsTo('file:///etc/passwd')],
  ])('that %s is told by its address, which is a secret if it is signed', async (_, handler) => {
    const { answer } = await shownFrom([handler]);
    expect(answer.images).toBeUndefined();
    expect(answer.facts['url']).toMatch(/\/q\.png\?sig=SECRET$/);
    expect(answer.secrets).toEqual(['url']);
    const { says } = noteOf(answer);
    expect(says).toMatch(/^The image was not fetched: .* The user may open its address\.$/);
    expect(says).not.toContain('SECRET');
  });

  it.each([
    ['states it', { 'content-length': `${5 * 1024 * 1024}` }],
    ['does not', { 'transfer-encoding': 'chunked' }],
  ])('that is larger than 4 MiB is not shown, whether it %s', async (_, headers) => {
    const large = sends(Buffer.alloc(5 * 1024 * 1024), { 'content-type': 'image/png', ...headers });
    const { answer } = await shownFrom([large]);
    expect(answer.images).toBeUndefined();
    expect(noteOf(answer).says).toContain('more than 1 MiB');
  });

  it.each(['https://api.example/v1/op/x', 'http://10.1.1.1/v1/op/x'])(
    'on this machine is not fetched for an API that is not: %s',
    async (from) => {
      const { answer, server } = await shownFrom([png], from);
      expect(answer.images).toBeUndefined();
      expect(server.requests).toEqual([]);
    },
  );

  it.each([
    ['http://example.com/x.png', 'only https'],
    ['https://10.0.0.1/x.png', 'public internet'],
    ['https://127.0.0.1:1/x.png', 'public internet'],
    ['https://[::1]/x.png', 'public internet'],
    ['https://169.254.169.254/latest', 'public internet'],
    ['https://localhost:1/x.png', 'public internet'],
    ['https://user:pass@example.com/x.png', 'a user name or a password'],
    ['ftp://example.com/x.png', 'only https'],
  ])('is not fetched from anywhere: %s', async (location, why) => {
    const from = 'https://api.example/v1/op/x';
    const redirect: FileAnswer = { kind: 'redirect', location, from };
    const answer = await answerToFile(redirect, { response: 'redirect' });
    expect(answer.images).toBeUndefined();
    expect(answer.facts['url']).toBe(location);
    expect(noteOf(answer).says).toContain(why);
  });

  it('of plain http is not fetched for an API on this machine either, unless it is there too', async () => {
    const from = 'http://127.0.0.1:1/v1/op/x';
    const location = 'http://example.com/x.png';
    const answer = await answerToFile({ kind: 'redirect', location, from }, { response: 'image' });
    expect(answer.facts['url']).toBe(location);
    expect(noteOf(answer).says).toContain('only https');
  });

  it('is not waited for once the call is over', async () => {
    const stop = new AbortController();
    const server = await tinyApi(() => stop.abort(new Error('the client left')));
    const redirect: FileAnswer = { kind: 'redirect', location: `${server.url}/`, from: server.url };
    const answer = answerToFile(redirect, { response: 'image' }, {}, { signal: stop.signal });
    await expect(answer).rejects.toThrow('the client left');
  });
});
