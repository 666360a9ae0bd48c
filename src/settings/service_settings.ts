import { z } from 'zod';
import { safeAddress } from './addresses.ts';
import { credential } from './credentials.ts';
import { type Command, setting } from './setting.ts';

/** By which calls uploads to Opteryx are made. */
const OPTERYX_APIS = ['v1', 'v2', 'auto'] as const;

const COMMANDS: readonly Command[] = ['stdio', 'http', 'transfers', 'doctor'];

/** The other two services; the names in the environment are those of their own tools. */
export const serviceSettings = {
  opteryxClientId: setting(
    { commands: COMMANDS, env: 'OPTERYX_CLIENT_ID', form: 'text' },
    'User name of an Opteryx access token. With OPTERYX_CLIENT_SECRET, or OPTERYX_TOKEN alone, the tools for Opteryx are there.',
    z.string().trim().min(1).optional(),
  ),
  opteryxClientSecret: setting(
    { commands: COMMANDS, env: 'OPTERYX_CLIENT_SECRET', form: 'text' },
    'The Opteryx access token itself (`opt_…`).',
    credential().optional(),
  ),
  opteryxToken: setting(
    { commands: COMMANDS, env: 'OPTERYX_TOKEN', form: 'text' },
    'A ready Opteryx JWT, in place of the two. It lives five minutes, and nothing here can renew it.',
    credential().optional(),
  ),
  opteryxUploadUrl: setting(
    { commands: COMMANDS, env: 'OPTERYX_UPLOAD_URL', form: 'text' },
    'Address of the Opteryx upload service.',
    safeAddress().default('https://upload.opteryx.app'),
  ),
  opteryxAuthUrl: setting(
    { commands: COMMANDS, env: 'OPTERYX_AUTH_URL', form: 'text' },
    'Address of the service that exchanges Opteryx access tokens.',
    safeAddress().default('https://authenticate.opteryx.app'),
  ),
  opteryxApi: setting(
    {
      commands: ['stdio', 'http'],
      flag: 'opteryx-api',
      env: 'OPTERYX_API',
      form: 'text',
      placeholder: 'API',
    },
    'By which calls uploads to Opteryx are made: `v1` (sessions of parts), `v2` (contracts), or `auto`: contracts where the service has them, else sessions.',
    z.enum(OPTERYX_APIS).default('auto'),
  ),
  geolensInstance: setting(
    { commands: COMMANDS, env: 'GEOLENS_INSTANCE', form: 'text' },
    'Address of a GeoLens instance, without `/api`. With GEOLENS_API_KEY or GEOLENS_TOKEN, the tools for GeoLens are there.',
    safeAddress().optional(),
  ),
  geolensApiKey: setting(
    { commands: COMMANDS, env: 'GEOLENS_API_KEY', form: 'text' },
    'API key of GeoLens, of the scope `full`.',
    credential().optional(),
  ),
  geolensToken: setting(
    { commands: COMMANDS, env: 'GEOLENS_TOKEN', form: 'text' },
    'A GeoLens session token, in place of an API key. It lives a quarter of an hour.',
    credential().optional(),
  ),
};
