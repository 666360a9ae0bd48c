import { describe, expect, it } from 'vitest';
import { fetchOpenapi } from '../../../src/geopera/openapi_document.ts';
import { deadAddress, hangUp, json, silence, text, tinyApi } from './tiny_api.ts';

const NOW = Date.UTC(2024, 4, 6, 7, 8, 9);
const THEN = new Date(NOW).toUTCString();
const signal = new AbortController().signal;

const fetched = (apiUrl: string, now = () => NOW) => fetchOpenapi({ apiUrl, now }, signal);

describe('the OpenAPI document of the API', () => {
  it('is asked for where it is published, and without a token', async () => {
    const api = await tinyApi(json({ paths: {} }));
    expect(await fetched(api.url)).toMatchObject({
      status: 200,
      document: { json: { paths: {} } },
    });
    expect(api.requests).toMatchObject([{ method: 'GET', path: '/openapi.json' }]);
    expect(api.requests[0]?.headers).not.toHaveProperty('authorization');
  });

  it.each([
    [{ date: THEN }, 0],
    [{ date: new Date(NOW + 90_000).toUTCString() }, 90_000],
    [{ date: new Date(NOW - 90_000).toUTCString(), age: '90' }, 0],
    [{ date: THEN, age: 'old' }, 0],
    [{ date: 'soon' }, undefined],
  ])('tells the time of the API, also out of a cache: %j', async (headers, ahead) => {
    const api = await tinyApi(json({}, 200, headers));
    expect(await fetched(api.url)).toMatchObject({ clockAheadMs: ahead });
  });

  it('takes half of a slow answer for the way there', async () => {
    const api = await tinyApi(json({}, 200, { date: THEN }));
    const times = [NOW - 8000, NOW + 2000];
    expect(await fetched(api.url, () => times.shift() ?? NOW)).toMatchObject({
      clockAheadMs: 3000,
    });
  });

  it.each([
    ['a page', text('<html>', { 'content-type': 'text/html' }), 200, 'not_the_api'],
    [
      'a page that is missing',
      text('<html>', { 'content-type': 'text/html' }, 404),
      404,
      'not_the_api',
    ],
    ['a redirect', text('', { location: 'https://elsewhere.test' }, 302), 302, 'not_the_api'],
    ['nothing', json({ title: 'Not Found', status: 404, detail: 'no' }, 404), 404, 'not_found'],
    ['an error', json({ detail: 'down' }, 503), 503, 'unavailable'],
  ])('may be %s', async (_, handler, status, kind) => {
    const { url } = await tinyApi((response, request) => {
      response.setHeader('date', THEN);
      handler(response, request);
    });
    expect(await fetched(url)).toMatchObject({
      status,
      clockAheadMs: 0,
      document: { failure: { kind } },
    });
  });

  it.each([200, 503])('may not come to an end: it did answer all the same (%d)', async (status) => {
    const { url } = await tinyApi((response) => {
      response.writeHead(status, { date: THEN, 'content-type': 'application/json' });
      response.write('{');
    });
    const request = { apiUrl: url, now: () => NOW, answerSeconds: 0.3 };
    expect(await fetchOpenapi(request, signal)).toMatchObject({
      status,
      clockAheadMs: 0,
      document: { failure: { kind: 'unreachable' } },
    });
  });

  it('is not had where nothing answers', async () => {
    const gone = await deadAddress();
    await expect(fetched(gone)).rejects.toMatchObject({ kind: 'unreachable' });
    const { url } = await tinyApi(hangUp);
    await expect(fetched(url)).rejects.toMatchObject({ kind: 'unreachable' });
  });

  it('is not waited for once the signal says so', async () => {
    const end = new AbortController();
    const { url } = await tinyApi((response, request) => {
      silence(response, request);
      end.abort(new Error('enough'));
    });
    const asked = fetchOpenapi({ apiUrl: url, now: Date.now }, end.signal);
    await expect(asked).rejects.toThrow('enough');
  });
});
