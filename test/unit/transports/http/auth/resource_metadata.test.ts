import { describe, expect, it } from 'vitest';
import { realmIssuer } from '../../../../../src/geopera/realm.ts';
import { catalogue } from '../../../../../src/operations/catalogue.ts';
import {
  resourceMetadata,
  resourceMetadataPaths,
  resourceMetadataUrl,
} from '../../../../../src/transports/http/auth/resource_metadata.ts';

it('tells where to sign in and for what', () => {
  const url = 'https://mcp.example.org/mcp';
  const issuer = realmIssuer('https://api.geopera.com');
  expect(resourceMetadata({ url, issuer, operations: catalogue })).toEqual({
    resource: url,
    resource_name: 'Geopera',
    authorization_servers: ['https://api.geopera.com/realms/public'],
    bearer_methods_supported: ['header'],
    scopes_supported: ['openid', ...new Set(catalogue.map(({ scope }) => scope))],
  });
});

describe('is found at', () => {
  const root = '/.well-known/oauth-protected-resource';
  it.each([
    ['https://a.example/mcp', `https://a.example${root}/mcp`, [root, `${root}/mcp`]],
    ['http://localhost:3000/mcp', `http://localhost:3000${root}/mcp`, [root, `${root}/mcp`]],
    ['https://a.example/geo/mcp', `https://a.example${root}/geo/mcp`, [root, `${root}/geo/mcp`]],
    ['https://a.example/', `https://a.example${root}`, [root, root]],
  ])('for %s', (resource, url, paths) => {
    expect(resourceMetadataUrl(resource)).toBe(url);
    expect(resourceMetadataPaths(resource)).toEqual(paths);
  });
});
