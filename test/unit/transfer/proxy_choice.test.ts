import { describe, expect, it } from 'vitest';
import { mayBeProxied, type ProxyEnvironment } from '../../../src/transfer/http/proxy_choice.ts';

const PROXY = 'http://proxy.example:3128';

describe('a request may be proxied', () => {
  it.each<[string, ProxyEnvironment, boolean]>([
    ['https://a.example/', {}, false],
    ['https://a.example/', { HTTPS_PROXY: '' }, false],
    ['https://a.example/', { HTTPS_PROXY: PROXY }, true],
    ['https://a.example/', { http_proxy: PROXY }, true],
    ['http://a.example/', { HTTP_PROXY: PROXY }, true],
    ['https://localhost/', { HTTPS_PROXY: PROXY }, false],
    ['https://127.0.0.1:8443/', { HTTPS_PROXY: PROXY }, false],
    ['http://[::1]/', { HTTP_PROXY: PROXY }, false],
    ['https://a.example/', { HTTPS_PROXY: PROXY, NO_PROXY: '*' }, false],
    ['https://a.example/', { HTTPS_PROXY: PROXY, NO_PROXY: 'b.example, a.example' }, false],
    ['https://A.example/', { HTTPS_PROXY: PROXY, no_proxy: 'A.EXAMPLE' }, false],
    ['https://x.a.example/', { HTTPS_PROXY: PROXY, NO_PROXY: 'a.example' }, false],
    ['https://x.a.example/', { HTTPS_PROXY: PROXY, NO_PROXY: '.a.example' }, false],
    ['https://x.a.example/', { HTTPS_PROXY: PROXY, NO_PROXY: '*.a.example' }, false],
    ['https://xa.example/', { HTTPS_PROXY: PROXY, NO_PROXY: 'a.example' }, true],
    ['https://a.example/', { HTTPS_PROXY: PROXY, NO_PROXY: 'a.example:443' }, false],
    ['https://a.example/', { HTTPS_PROXY: PROXY, NO_PROXY: 'a.example:80' }, true],
    ['http://a.example:8080/', { HTTP_PROXY: PROXY, NO_PROXY: 'a.example:8080' }, false],
    ['https://a.example/', { HTTPS_PROXY: PROXY, NO_PROXY: ',' }, true],
    ['https://a.example/', { HTTPS_PROXY: PROXY, no_proxy: '', NO_PROXY: 'a.example' }, true],
  ])('%s with %j → %j', (url, environment, expected) => {
    expect(mayBeProxied(new URL(url), environment)).toBe(expected);
  });
});
