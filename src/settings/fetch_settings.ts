import { isIP } from 'node:net';
import { z } from 'zod';
import { setting, wholeNumber } from './setting.ts';

/** What `upload_from_url` may read. */
export const fetchSettings = {
  fetchHosts: setting(
    {
      commands: ['http'],
      flag: 'fetch-host',
      env: 'GEOPERA_FETCH_HOSTS',
      form: 'list',
      placeholder: 'NAME',
      separator: ',',
    },
    'Host that `upload_from_url` may read from, as `data.example.com` or `*.example.com`; any public one if none is given.',
    z.array(z.string().regex(/^(\*\.)?[\w.-]+$/, 'must be a host name')).default([]),
  ),
  fetchAllowNets: setting(
    {
      commands: ['http'],
      flag: 'fetch-allow-net',
      env: 'GEOPERA_FETCH_ALLOW_NETS',
      form: 'list',
      placeholder: 'CIDR',
      separator: ',',
    },
    'Network that `upload_from_url` may read from though it is not public, e.g. `10.20.0.0/16`.',
    z.array(z.string().refine(isNetwork, 'must be a network such as 10.20.0.0/16')).default([]),
  ),
  fetchAllowHttp: setting(
    {
      commands: ['http'],
      flag: 'fetch-allow-http',
      form: 'switch',
    },
    'Let `upload_from_url` read http addresses too, which anybody on the way can change.',
    z.boolean().default(false),
  ),
  fetchMaxBytes: setting(
    {
      commands: ['http'],
      flag: 'fetch-max-bytes',
      env: 'GEOPERA_FETCH_MAX_BYTES',
      form: 'text',
      placeholder: 'N',
    },
    'The largest object that `upload_from_url` takes.',
    wholeNumber(1).default('107374182400'),
  ),
  fetchMaxSeconds: setting(
    {
      commands: ['http'],
      flag: 'fetch-max-seconds',
      env: 'GEOPERA_FETCH_MAX_SECONDS',
      form: 'text',
      placeholder: 'N',
    },
    'How long `upload_from_url` may take over one object.',
    wholeNumber(1, 604_800).default('21600'),
  ),
};

function isNetwork(text: string): boolean {
  const [, address = '', prefix = ''] = /^(.+)\/(\d{1,3})$/.exec(text) ?? [];
  const family = isIP(address);
  return family !== 0 && Number(prefix) <= (family === 4 ? 32 : 128);
}
