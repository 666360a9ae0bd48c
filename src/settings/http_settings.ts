import { z } from 'zod';
import { setting, wholeNumber } from './setting.ts';

/** How `geopera-mcp http` serves, and whom. */
export const httpSettings = {
  host: setting(
    {
      commands: ['http'],
      flag: 'host',
      env: 'GEOPERA_HTTP_HOST',
      form: 'text',
      placeholder: 'ADDRESS',
    },
    'Address to listen on. Beyond loopback each request must bring its own token.',
    z.string().min(1).default('127.0.0.1'),
  ),
  httpPort: setting(
    {
      commands: ['http'],
      flag: 'port',
      env: 'GEOPERA_HTTP_PORT',
      form: 'text',
      placeholder: 'N',
    },
    'Port to listen on; 0 takes any free one.',
    wholeNumber(0, 65_535).default('3000'),
  ),
  publicUrl: setting(
    {
      commands: ['http'],
      flag: 'public-url',
      env: 'GEOPERA_HTTP_PUBLIC_URL',
      form: 'text',
      placeholder: 'URL',
    },
    'Address of the endpoint as clients write it, e.g. `https://mcp.example.com/mcp`. Its host is allowed.',
    z
      .string()
      .refine(
        (url) => /^https?:\/\/[^?#@]+$/.test(url) && URL.canParse(url),
        'must be an http or https address',
      )
      .optional(),
  ),
  allowHosts: setting(
    {
      commands: ['http'],
      flag: 'allow-host',
      env: 'GEOPERA_HTTP_ALLOW_HOSTS',
      form: 'list',
      placeholder: 'NAME',
      separator: ',',
    },
    'Name under which requests may ask for this server, beside those of loopback; with a port, that one alone.',
    z
      .array(z.string().regex(/^[\w.:[\]-]+$/, 'must be a host name, with a port or without'))
      .default([]),
  ),
  allowOrigins: setting(
    {
      commands: ['http'],
      flag: 'allow-origin',
      env: 'GEOPERA_HTTP_ALLOW_ORIGINS',
      form: 'list',
      placeholder: 'ORIGIN',
      separator: ',',
    },
    'Web page origin that may call, e.g. `https://app.example.com`, and read the answers (CORS). None by default.',
    z
      .array(
        z
          .string()
          .regex(/^https?:\/\/[^/?#@]+$/, 'must be an origin such as https://app.example.com'),
      )
      .default([]),
  ),
  stateless: setting(
    { commands: ['http'], flag: 'stateless', form: 'switch' },
    'Keep no sessions: any replica answers any request, and nothing is asked of clients.',
    z.boolean().default(false),
  ),
  tokenFromEnv: setting(
    { commands: ['http'], flag: 'token-from-env', form: 'switch' },
    'Let every client act with GEOPERA_API_TOKEN instead of its own token. On loopback only.',
    z.boolean().default(false),
  ),
  anonymous: setting(
    { commands: ['http'], flag: 'anonymous', form: 'switch' },
    'With --sandbox: listen beyond loopback though requests bring no token.',
    z.boolean().default(false),
  ),
  redis: setting(
    {
      commands: ['http'],
      flag: 'redis',
      env: 'GEOPERA_REDIS_URL',
      form: 'text',
      placeholder: 'URL',
    },
    'Redis that replicas share: sessions, events, transfers and limits. In memory if not given. A password belongs in the environment variable.',
    z
      .string()
      .regex(/^rediss?:\/\/\S+$/, 'must be a redis:// or rediss:// address')
      .optional(),
  ),
  sessionIdleSeconds: setting(
    {
      commands: ['http'],
      flag: 'session-idle-seconds',
      env: 'GEOPERA_HTTP_SESSION_IDLE_SECONDS',
      form: 'text',
      placeholder: 'N',
    },
    'A session without an open request ends after so long.',
    wholeNumber(1, 86_400).default('1800'),
  ),
  maxSessions: setting(
    {
      commands: ['http'],
      flag: 'max-sessions',
      env: 'GEOPERA_HTTP_MAX_SESSIONS',
      form: 'text',
      placeholder: 'N',
    },
    'Sessions at a time. Where requests bring tokens, one principal has a tenth of them at most; its longest idle one ends for a new one.',
    wholeNumber(1, 1_000_000).default('1000'),
  ),
  ownerGoneSeconds: setting(
    {
      commands: ['http'],
      flag: 'owner-gone-seconds',
      env: 'GEOPERA_HTTP_OWNER_GONE_SECONDS',
      form: 'text',
      placeholder: 'N',
    },
    'A transfer whose principal has sent no request for so long is failed, and its reservation released.',
    wholeNumber(1, 604_800).default('3600'),
  ),
  rateLimit: setting(
    {
      commands: ['http'],
      flag: 'rate-limit',
      env: 'GEOPERA_HTTP_RATE_LIMIT',
      form: 'text',
      placeholder: 'N',
    },
    'Requests a minute that one principal may send; 0 for any number.',
    wholeNumber(0, 1_000_000).default('600'),
  ),
  drainSeconds: setting(
    {
      commands: ['http'],
      flag: 'drain-seconds',
      env: 'GEOPERA_HTTP_DRAIN_SECONDS',
      form: 'text',
      placeholder: 'N',
    },
    'After SIGTERM: by when running transfers have finished, or were failed and released.',
    wholeNumber(1, 86_400).default('25'),
  ),
};
