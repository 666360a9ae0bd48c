import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { download } from './downloads.ts';
import { contents, engine, failure, folder, noise, sha256, using } from './fixtures.ts';
import { httpOrigin } from './origin.ts';

const BYTES = noise(100_000);

describe('redirects', () => {
  const leadsTo = (location: (n: number, own: string) => string) =>
    httpOrigin((request, response, n) => {
      response.writeHead(302, { location: location(n, `http://${request.headers.host}`) }).end();
    });

  it('are followed to another host, carrying nothing', async () => {
    const target = await using(httpOrigin((_request, response) => response.end(BYTES)));
    const { url } = await using(leadsTo(() => target.url.replace('127.0.0.1', 'localhost')));
    const at = await folder();
    await download(join(at, 'a.tif'), `${url}?sig=secret`, engine().engine);
    expect(await contents(at)).toEqual({ 'a.tif': sha256(BYTES) });
    expect(target.heads[0]?.toLowerCase()).not.toMatch(/secret|referer|authorization|cookie/);
  });

  it('in a circle end after five', async () => {
    const { url, heads } = await using(leadsTo((n, own) => `${own}/${n}`));
    const at = await folder();
    const error = await failure(download(join(at, 'a.tif'), url, engine().engine));
    expect(error).toMatchObject({ code: 'redirect_refused', attempts: 1 });
    expect(heads).toHaveLength(6);
    expect(await contents(at)).toEqual({});
  });

  it.each(['', 'ftp://host/x', 'file:///etc/passwd', 'http://user:pw@127.0.0.1/', 'http://['])(
    'to "%s" are refused',
    async (location) => {
      const { url } = await using(leadsTo(() => location));
      const error = await failure(download(join(await folder(), 'a.tif'), url, engine().engine));
      expect(error).toMatchObject({ code: 'redirect_refused', retryable: false });
    },
  );
});
