import { homedir } from 'node:os';
import { delimiter, resolve } from 'node:path';
import { type ZodTypeAny, z } from 'zod';
import { LOG_LEVELS } from './log.ts';
import { TRANSFER_METHODS } from './operations/uploads.ts';
import { defaultStateFolder } from './state_folder.ts';

export const COMMANDS = {
  stdio: 'Serve an MCP client over stdin and stdout. This is the default.',
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
        commands: ['stdio', 'transfers'],
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
      { commands: ['stdio', 'transfers'], env: 'GEOPERA_API_TOKEN', form: 'text' },
      'API key (`gpra_…`) or session token. Has no flag: other users can read command lines.',
      z
        .string()
        .trim()
        .regex(/^[\x21-\x7e]+$/, 'has a blank or another character that no token has')
        .optional(),
    ),
    scopes: setting(
      {
        commands: ['stdio'],
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
        commands: ['stdio'],
        flag: 'allow-dir',
        env: 'GEOPERA_ALLOW_DIRS',
        form: 'list',
        placeholder: 'FOLDER',
        separator: delimiter,
      },
      "Folder whose files may be uploaded and written. If none is given: the client's roots, else the working directory unless it is the filesystem root.",
      z.array(z.string().min(1).transform(folderPath)).default([]),
    ),
    transferMethod: setting(
      {
        commands: ['stdio'],
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
        commands: ['stdio'],
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
        commands: ['stdio', 'transfers'],
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
        commands: ['stdio', 'transfers'],
        flag: 'log-level',
        env: 'GEOPERA_LOG_LEVEL',
        form: 'text',
        placeholder: 'LEVEL',
      },
      'Least level of the log lines on stderr: debug, info, warn or error.',
      z.enum(LOG_LEVELS).default('warn'),
    ),
    sandbox: setting(
      { commands: ['stdio', 'transfers'], flag: 'sandbox', form: 'switch' },
      'Run on an embedded sandbox instead of Geopera: no account, no network.',
      z.boolean().default(false),
    ),
    port: setting(
      { commands: ['sandbox'], flag: 'port', form: 'text', placeholder: 'N' },
      'Port on 127.0.0.1; 0 takes any free one.',
      wholeNumber(0, 65_535).default('0'),
    ),
    dataDir: setting(
      {
        commands: ['stdio', 'transfers', 'sandbox'],
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
