import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { clip } from '../../../src/operations/clip.ts';
import { clientFor } from './patient_client.ts';
import { json, text, tinyApi } from './tiny_api.ts';

const never = new AbortController().signal;

describe('a file operation answers', () => {
  const input = { job_id: 'j', mosaic_type: 'visual' };
  const openFrom = async (api: { url: string }) =>
    clientFor(api.url).client.openFile(clip.jobDownload, input, never);

  it.each(['application/json', 'application/json; charset=utf-8', 'application/problem+json'])(
    'a value for %s',
    async (type) => {
      const api = await tinyApi(text('{"url":"https://s.example/o"}', { 'content-type': type }));
      const value = { url: 'https://s.example/o' };
      expect(await openFrom(api)).toEqual({ kind: 'json', value });
    },
  );

  it.each([
    ['one after the other', '{"a":1}\n{"a":2}\n'],
    ['the last without an end', '{"a":1}\n{"a":2}'],
  ])('lines that are sent as JSON, as they came: %s', async (_, sent) => {
    const api = await tinyApi(text(sent, { 'content-type': 'application/json' }));
    const answer = await openFrom(api);
    if (answer.kind !== 'body') throw new Error(`a body was expected, not ${answer.kind}`);
    expect(answer.headers['content-type']).toBe('application/x-ndjson');
    const chunks: Uint8Array[] = [];
    for await (const chunk of answer.body) chunks.push(chunk);
    expect(Buffer.concat(chunks).toString()).toBe(sent);
  });

  it.each(['<html>', '{"a":\n1', '\n', '{"a":1'])(
    'not_the_api for JSON that is none: %j',
    async (sent) => {
      const api = await tinyApi(text(sent, { 'content-type': 'application/json' }));
      await expect(openFrom(api)).rejects.toMatchObject({ kind: 'not_the_api' });
    },
  );

  it('bytes for a type that only begins as JSON does', async () => {
    const api = await tinyApi(text('x', { 'content-type': 'application/json-lines' }));
    expect(await openFrom(api)).toMatchObject({ kind: 'body' });
  });

  it.each([
    ['absolute', 'https://s.example/o?sig=1', 'https://s.example/o?sig=1'],
    ['relative to the host', '/files/o?sig=1', '{api}/files/o?sig=1'],
  ])('a redirect, told and not followed: %s', async (_, location, target) => {
    const api = await tinyApi(text('', { location }, 307));
    const from = `${api.url}/v1/op/clip.job.download`;
    const told = { kind: 'redirect', location: target.replace('{api}', api.url), from };
    expect(await openFrom(api)).toEqual(told);
    expect(api.requests).toHaveLength(1);
  });

  it.each([
    ['no target', {}],
    ['no address', { location: 'http://' }],
    ['no address of the web', { location: 'file:///etc/passwd' }],
    ['a script', { location: 'javascript:alert(1)' }],
  ])('unexpected_answer for a redirect with %s', async (_, headers) => {
    const api = await tinyApi(text('', headers, 302));
    await expect(openFrom(api)).rejects.toMatchObject({ kind: 'unexpected_answer' });
  });

  it('the bytes themselves, with their headers', async () => {
    const api = await tinyApi(text('II*\0bytes', { 'content-type': 'image/tiff' }));
    const answer = await openFrom(api);
    if (answer.kind !== 'body') throw new Error(`a body was expected, not ${answer.kind}`);
    const chunks: Uint8Array[] = [];
    for await (const chunk of answer.body) chunks.push(chunk);
    expect(Buffer.concat(chunks).toString()).toBe('II*\0bytes');
    expect(answer.headers['content-type']).toBe('image/tiff');
  });

  it('a redirect, also where its body has no end', async () => {
    const api = await tinyApi((response) => {
      response.writeHead(307, { location: 'https://s.example/o' });
      response.write('Moved');
    });
    expect(await openFrom(api)).toMatchObject({ kind: 'redirect' });
  });

  it('bytes that may be left unread: the connection ends', async () => {
    let ended: () => void = () => undefined;
    const end = new Promise<void>((resolve) => {
      ended = resolve;
    });
    const api = await tinyApi((response) => {
      response.on('close', ended);
      response.writeHead(200, { 'content-type': 'image/tiff', 'content-length': '1000' });
      response.write('II*');
    });
    const answer = await openFrom(api);
    if (answer.kind !== 'body') throw new Error(`a body was expected, not ${answer.kind}`);
    answer.discard();
    await end;
  });

  it.each(['image/png', 'application/json'])('unexpected_answer for packed %s', async (type) => {
    const packed = { 'content-type': type, 'content-encoding': 'gzip' };
    const api = await tinyApi(text('\x1f\x8b', packed));
    await expect(openFrom(api)).rejects.toMatchObject({ kind: 'unexpected_answer' });
  });

  it('nothing for a status that says so', async () => {
    const api = await tinyApi(text('', { 'content-type': 'image/png' }, 204));
    expect(await openFrom(api)).toMatchObject({ kind: 'body', headers: { 'content-length': '0' } });
  });

  it.each([
    ['bytes', 200, '<svg/>'],
    ['nothing', 204, ''],
  ])('%s that came whole and may be left unread', async (_, status, sent) => {
    const api = await tinyApi(text(sent, { 'content-type': 'image/svg+xml' }, status));
    const answer = await openFrom(api);
    if (answer.kind !== 'body') throw new Error(`a body was expected, not ${answer.kind}`);
    const { body } = answer;
    if (!(body instanceof Readable)) throw new Error('a stream was expected');
    const closed = new Promise((resolve) => body.once('close', resolve));
    answer.discard();
    // What nobody hears of its end would end the process, and with it this test.
    await closed;
    expect(body.destroyed).toBe(true);
  });

  it('nothing where it is refused', async () => {
    const api = await tinyApi(json({ detail: 'no such job' }, 404));
    await expect(openFrom(api)).rejects.toMatchObject({ kind: 'not_found' });
  });
});
