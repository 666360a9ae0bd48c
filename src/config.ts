import { isIP } from 'node:net';
import { homedir } from 'node:os';
import { delimiter, resolve } from 'node:path';
import { type ZodTypeAny, z } from 'zod';
import { LOG_LEVELS } from './log.ts';
import { TRANSFER_METHODS } from './operations/uploads.ts';
import { defaultStateFolder } from './state_folder.ts';

export const COMMANDS = {
  stdio: 'Serve an MCP client over stdin and stdout. This is the default.',
  http: 'Serve MCP clients over Streamable HTTP, each acting with its own Geopera token.',
  sandbox: 'Serve an embedded Geopera with its object storage on loopback, for trying things out.',
  transfers:
    'Show the transfers that are under way and those that were left behind, or clean up the latter.',
  demo: 'Show the main job on the sandbox: upload a scene, clip it, download both.',
} as const;

export type Command = keyof typeof COMMANDS;

/** Where a setting comes from, and which commands know it. */
export interface Source {
  readonly commands: readonly Command[];
  /** Command-line flag without dashes. A flag wins over the environment. */
  readonly flag?: string;
  readonly env?: string;
  /**
   * How its value is written: `switch` takes none, `list` may be given several times, `word` stands
   * by itself without a flag.
   */
  readonly form: 'text' | 'switch' | 'list' | 'word';
  /** What stands for the value in help texts. */
  readonly placeholder?: string;
  /** What stands for a setting that is given nowhere, where that depends on the environment. */
  readonly otherwise?: (env: NodeJS.ProcessEnv) => string | undefined;
  /** Splits the environment variable of a `list` into what the flag would give one by one. */
  readonly separator?: string;
}

const sources = new Map<ZodTypeAny, Source>();

function setting<Schema extends ZodTypeAny>(source: Source, help: string, schema: Schema): Schema {
  // `describe` makes a copy, so a schema is never registered twice.
  const described: Schema = schema.describe(help);
  sources.set(described, source);
  return described;
}

/** A number as it stands on a command line; an empty text is none. */
function wholeNumber(least: number, most = Number.MAX_SAFE_INTEGER) {
  return z
    .string()
    .regex(/^\d{1,16}$/, 'must be a whole number')
    .transform(Number)
    .pipe(z.number().min(least).max(most));
}

/** Every flag and every environment variable, with its help text: the one place to add one. */
export const configSchema = z
  .object({
    apiUrl: setting(
      {
        commands: ['stdio', 'http', 'transfers'],
        flag: 'api-url',
        env: 'GEOPERA_API_URL',
        form: 'text',
        placeholder: 'URL',
      },
      'Address of the Geopera API. Must be https, except on loopback.',
      z
        .string()
        .refine(isSafeAddress, 'must be a plain https address (or http on loopback)')
        .transform(bare)
        .default('https://api.geopera.com'),
    ),
    apiToken: setting(
      { commands: ['stdio', 'http', 'transfers'], env: 'GEOPERA_API_TOKEN', form: 'text' },
      'API key (`gpra_…`) or session token. Has no flag: other users can read command lines. Over HTTP it is used with `--token-from-env` alone.',
      z
        .string()
        .trim()
        .regex(/^[\x21-\x7e]+$/, 'has a blank or another character that no token has')
        .optional(),
    ),
    scopes: setting(
      {
        commands: ['stdio', 'http'],
        flag: 'scopes',
        env: 'GEOPERA_SCOPES',
        form: 'list',
        placeholder: 'SCOPE',
      },
      'Scopes that the token has, e.g. `uploads:write,items:read`. Found out if not given.',
      z
        .array(z.string())
        .transform((lists) =>
          lists.flatMap((list) => list.split(/[\s,]+/)).filter((it) => it !== ''),
        )
        .default([]),
    ),
    allowDirs: setting(
      {
        commands: ['stdio', 'http'],
        flag: 'allow-dir',
        env: 'GEOPERA_ALLOW_DIRS',
        form: 'list',
        placeholder: 'FOLDER',
        separator: delimiter,
      },
      "Folder whose files may be uploaded and written. If none is given: the client's roots, else the working directory unless it is the filesystem root. Over HTTP none is allowed, and the tools for paths are absent, unless one is named.",
      z.array(z.string().min(1).transform(folderPath)).default([]),
    ),
    transferMethod: setting(
      {
        commands: ['stdio', 'http'],
        flag: 'transfer-method',
        env: 'GEOPERA_TRANSFER_METHOD',
        form: 'text',
        placeholder: 'METHOD',
      },
      'The `transfer_method` of upload sessions. If the API refuses it, `cli` is tried once.',
      z.enum(TRANSFER_METHODS).default('signed_url'),
    ),
    parallelFiles: setting(
      {
        commands: ['stdio', 'http'],
        flag: 'parallel-files',
        env: 'GEOPERA_PARALLEL_FILES',
        form: 'text',
        placeholder: 'N',
      },
      'Files of one upload session that are sent at the same time, 1 to 16.',
      wholeNumber(1, 16).default('4'),
    ),
    stateDir: setting(
      {
        commands: ['stdio', 'http', 'transfers'],
        flag: 'state-dir',
        env: 'GEOPERA_STATE_DIR',
        form: 'text',
        placeholder: 'FOLDER',
        otherwise: defaultStateFolder,
      },
      'Where it is noted which transfers are under way, so that nothing is lost after a crash. `geopera-mcp` in `$XDG_STATE_HOME` or `~/.local/state` if not given; on Windows in `%LOCALAPPDATA%`.',
      z.string().min(1).transform(folderPath).optional(),
    ),
    logLevel: setting(
      {
        commands: ['stdio', 'http', 'transfers'],
        flag: 'log-level',
        env: 'GEOPERA_LOG_LEVEL',
        form: 'text',
        placeholder: 'LEVEL',
      },
      'Least level of the log lines on stderr: debug, info, warn or error.',
      z.enum(LOG_LEVELS).default('warn'),
    ),
    sandbox: setting(
      { commands: ['stdio', 'http', 'transfers'], flag: 'sandbox', form: 'switch' },
      'Run on an embedded sandbox instead of Geopera: no account, no network.',
      z.boolean().default(false),
    ),
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
      'Sessions at a time. One principal has a tenth of them at most; its longest idle one ends for a new one.',
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
    port: setting(
      { commands: ['sandbox'], flag: 'port', form: 'text', placeholder: 'N' },
      'Port on 127.0.0.1; 0 takes any free one.',
      wholeNumber(0, 65_535).default('0'),
    ),
    dataDir: setting(
      {
        commands: ['stdio', 'http', 'transfers', 'sandbox'],
        flag: 'data',
        form: 'text',
        placeholder: 'FOLDER',
      },
      'Where the sandbox keeps its state and objects. A temporary folder, removed at the end, if not given.',
      z.string().min(1).transform(folderPath).optional(),
    ),
    quotaBytes: setting(
      { commands: ['sandbox'], flag: 'quota-bytes', form: 'text', placeholder: 'N' },
      'Storage quota of the sandbox in bytes; 10 GiB if not given.',
      wholeNumber(0).optional(),
    ),
    urlLifetimeSeconds: setting(
      { commands: ['sandbox'], flag: 'url-lifetime', form: 'text', placeholder: 'SECONDS' },
      'How long a signed URL of the sandbox lives.',
      wholeNumber(1).default('900'),
    ),
    expiredStatus: setting(
      { commands: ['sandbox'], flag: 'expired-status', form: 'text', placeholder: 'STATUS' },
      'How its storage refuses an expired URL: 400 as Google Cloud Storage does, 403 as the guide says.',
      z.enum(['400', '403']).default('400'),
    ),
    clipDownload: setting(
      { commands: ['sandbox'], flag: 'clip-download', form: 'text', placeholder: 'KIND' },
      'What its `clip.job.download` answers, on which the documents disagree: json, redirect or bytes.',
      z.enum(['json', 'redirect', 'bytes']).default('json'),
    ),
    file: setting(
      { commands: ['demo'], flag: 'file', form: 'text', placeholder: 'FILE' },
      'GeoTIFF to show the job with. A small scene of a harbour if not given.',
      z
        .string()
        .min(1)
        .transform((file) => resolve(file))
        .optional(),
    ),
    action: setting(
      { commands: ['transfers'], form: 'word', placeholder: 'list|clean' },
      'What to do: `list` shows transfers; `clean` releases upload sessions that were left behind and removes leftover partial downloads. Neither touches what is running.',
      z.enum(['list', 'clean'], { message: 'must be list or clean' }).default('list'),
    ),
    json: setting(
      { commands: ['transfers', 'demo'], flag: 'json', form: 'switch' },
      'End with one line of JSON.',
      z.boolean().default(false),
    ),
  })
  .strict();

export type Config = z.output<typeof configSchema>;

/** Settings that do not go together: each row says when, and what is to be done. */
const CONFLICTS: readonly { readonly when: (config: Config) => boolean; readonly words: string }[] =
  [
    {
      when: ({ tokenFromEnv, sandbox }) => tokenFromEnv && sandbox,
      words:
        '--token-from-env and --sandbox: the sandbox has an identity of its own; give one of them.',
    },
    {
      when: ({ tokenFromEnv, apiToken }) => tokenFromEnv && apiToken === undefined,
      words: '--token-from-env: GEOPERA_API_TOKEN is not set.',
    },
    {
      when: ({ tokenFromEnv, host }) => tokenFromEnv && !isLoopbackAddress(host),
      words:
        '--token-from-env with --host: whoever reaches the port would act as you, so it is for loopback only. Leave the flag out, and let each client bring its own token.',
    },
    {
      when: ({ sandbox, anonymous, host }) => sandbox && !anonymous && !isLoopbackAddress(host),
      words:
        '--sandbox with --host: the sandbox asks nobody for a token. Add --anonymous if anybody who reaches the port may use it.',
    },
    {
      when: ({ anonymous, sandbox }) => anonymous && !sandbox,
      words: '--anonymous is for --sandbox alone: an account is never served without a token.',
    },
  ];

/** What of these settings does not go together, in words. */
export function conflictsIn(config: Config): readonly string[] {
  return CONFLICTS.filter(({ when }) => when(config)).map(({ words }) => words);
}

function isNetwork(text: string): boolean {
  const [, address = '', prefix = ''] = /^(.+)\/(\d{1,3})$/.exec(text) ?? [];
  const family = isIP(address);
  return family !== 0 && Number(prefix) <= (family === 4 ? 32 : 128);
}

function isLoopbackAddress(host: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|::1)$/.test(host);
}

/** A setting as help texts and the README show it. */
export interface SettingHelp extends Source {
  readonly help: string;
  readonly default: string | undefined;
}

/** All settings, or those of one command, in the order in which they are declared. */
export function settings(command?: Command): readonly SettingHelp[] {
  return Object.values(configSchema.shape).flatMap((schema) => {
    const source = sources.get(schema);
    if (source === undefined || (command && !source.commands.includes(command))) return [];
    return [{ ...source, help: schema.description ?? '', default: defaultOf(schema) }];
  });
}

/** Where a setting of the schema comes from. */
export function sourceOf(schema: ZodTypeAny): Source | undefined {
  return sources.get(schema);
}

function defaultOf(schema: ZodTypeAny): string | undefined {
  if (!(schema instanceof z.ZodDefault)) return undefined;
  const value: unknown = schema._def.defaultValue();
  return value === false || (Array.isArray(value) && value.length === 0)
    ? undefined
    : String(value);
}

/** Configuration files are read by no shell, so `~` is expanded here. */
function folderPath(folder: string): string {
  return resolve(folder.replace(/^~(?=$|[/\\])/, homedir()));
}

/** The token goes there, so the way must be encrypted unless it stays on this machine. */
function isSafeAddress(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const { protocol, hostname, username, search, hash } = new URL(address);
  if (username !== '' || search !== '' || hash !== '') return false;
  const loopback = ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
  return protocol === 'https:' || (protocol === 'http:' && loopback);
}

function bare(address: string): string {
  return address.replace(/\/+$/, '');
}
