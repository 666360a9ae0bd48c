import { describe, expect, it } from 'vitest';
import { plainText } from '../../../src/geopera/plain_text.ts';
import { parseProblem } from '../../../src/geopera/problems.ts';
import { retryAfterSeconds } from '../../../src/geopera/retry_after.ts';
import { createScopeCheck } from '../../../src/geopera/scopes.ts';
import { clip } from '../../../src/operations/clip.ts';
import { items } from '../../../src/operations/items.ts';
import { uploads } from '../../../src/operations/uploads.ts';
import { fakeGeopera } from './fake_geopera.ts';
import { clientFor } from './patient_client.ts';
import { json, text, tinyApi } from './tiny_api.ts';

const never = new AbortController().signal;
const parse = (status: number, body: unknown) =>
  parseProblem('x.y', { status, headers: {}, body: JSON.stringify(body), now: 0 });

describe('the API client', () => {
  it('reads the title of a Problem whose detail is null or an object', () => {
    expect(parse(409, { title: 'Conflict', detail: null }).detail).toBe('Conflict');
    expect(parse(409, { title: 'Conflict', detail: { code: 7 } }).detail).toBe('Conflict');
    expect(parse(409, { detail: 'closed', message: null }).detail).toBe('closed');
    expect(parse(409, { detail: 'closed', error: { code: 7 } }).detail).toBe('closed');
  });

  it('keeps to one line: U+2028 and U+2029 too', () => {
    expect(plainText('a\u2028b\u2029c')).toBe('a b c');
  });

  it('cuts the query of a URL in capitals, the secret after an invisible character, and user names', () => {
    expect(plainText('HTTPS://s.example/o?X-Goog-Signature=SECRET')).not.toContain('SECRET');
    expect(plainText('https://s.example/o?a=1\u200bSECRET')).not.toContain('SECRET');
    expect(plainText('https://u:SECRET@s.example/o')).not.toContain('SECRET');
    expect(plainText('/bucket/o?X-Goog-Signature=SECRET')).not.toContain('SECRET');
  });

  it('takes nothing but seconds and dates for Retry-After', () => {
    expect(retryAfterSeconds('1.5', Date.now())).toBeUndefined();
    expect(retryAfterSeconds('-5', Date.now())).toBeUndefined();
  });

  it('reads a redirect relative to the request, as RFC 9110 10.2.2 says', async () => {
    const api = await tinyApi(text('', { location: 'file.tif' }, 307));
    const input = { job_id: 'j', mosaic_type: 'v' };
    const answer = await clientFor(api.url).client.openFile(clip.jobDownload, input, never);
    const from = `${api.url}/v1/op/clip.job.download`;
    expect(answer).toEqual({ kind: 'redirect', location: `${api.url}/v1/op/file.tif`, from });
  });

  it('repeats a read whose answer breaks off, as it does one that never came', async () => {
    const api = await tinyApi((response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' });
      response.write('[', () => response.destroy());
    }, json([]));
    const call = clientFor(api.url).client.call(items.list, { project_id: 'p' }, never);
    await expect(call).resolves.toEqual([]);
  });

  it('knows that a refusal did nothing, also where its words break off', async () => {
    const api = await tinyApi((response) => {
      response.writeHead(402, { 'content-type': 'application/json', 'content-length': '100' });
      response.write('{', () => response.destroy());
    });
    const call = clientFor(api.url).client.call(uploads.initiate, { project_id: 'p' }, never);
    await expect(call).rejects.toMatchObject({ kind: 'payment_required', fateUnknown: false });
  });

  it('asks userinfo once where it answered, also if it named no resource scope', async () => {
    let asked = 0;
    const client = fakeGeopera({
      userinfo: async () => {
        asked += 1;
        return { scope: 'openid profile' };
      },
    });
    const check = createScopeCheck({ configured: [], token: 'gpra_x', client });
    await check.require('a:b', 'a.b', never);
    await check.require('a:b', 'a.b', never);
    expect(asked).toBe(1);
  });

  it('tells a token that no header takes from a network that is down', async () => {
    const api = await tinyApi(json([]));
    const { client } = clientFor(api.url, { token: () => 'gpra_\u2026' });
    await expect(client.call(uploads.initiate, { project_id: 'p' }, never)).rejects.toMatchObject({
      fateUnknown: false,
    });
  });
});
