import { delimiter, resolve } from 'node:path';
import { type ZodTypeAny, z } from 'zod';
import { LOG_LEVELS } from './log.ts';
import { TRANSFER_METHODS } from './operations/uploads.ts';
import { safeAddress } from './settings/addresses.ts';
import { credential } from './settings/credentials.ts';
import { fetchSettings } from './settings/fetch_settings.ts';
import { httpSettings } from './settings/http_settings.ts';
import { sandboxSettings } from './settings/sandbox_settings.ts';
import { serviceSettings } from './settings/service_settings.ts';
import {
  type Command,
  folderPath,
  type Source,
  setting,
  sourceOf,
  wholeNumber,
} from './settings/setting.ts';
import { toolSettings } from './settings/tool_settings.ts';
import { defaultStateFolder } from './state_folder.ts';

/** Every flag and every environment variable, with its help text. */
export const configSchema = z
  .object({
    apiUrl: setting(
      {
        commands: ['stdio', 'http', 'transfers', 'doctor'],
        flag: 'api-url',
        env: 'GEOPERA_API_URL',
        form: 'text',
        placeholder: 'URL',
      },
      'Address of the Geopera API. Must be https, except on loopback.',
      safeAddress().default('https://api.geopera.com'),
    ),
    apiToken: setting(
      {
        commands: ['stdio', 'http', 'transfers', 'doctor'],
        env: 'GEOPERA_API_TOKEN',
        form: 'text',
      },
      'API key (`gpra_…`) or session token. Has no flag: other users can read command lines. Over HTTP it is used with `--token-from-env` alone.',
      credential().optional(),
    ),
    scopes: setting(
      {
        commands: ['stdio', 'http', 'doctor'],
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
        commands: ['stdio', 'http', 'doctor'],
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
        commands: ['stdio', 'http', 'transfers', 'doctor'],
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
      { commands: ['stdio', 'http', 'transfers', 'doctor'], flag: 'sandbox', form: 'switch' },
      'Run on an embedded sandbox instead of Geopera: no account, no network.',
      z.boolean().default(false),
    ),
    ...toolSettings,
    ...httpSettings,
    ...fetchSettings,
    ...serviceSettings,
    ...sandboxSettings,
    file: setting(
      { commands: ['demo'], flag: 'file', form: 'text', placeholder: 'FILE' },
      'File to show the job with: a GeoTIFF; for opteryx a table. A small sample of a harbour if not given.',
      z
        .string()
        .min(1)
        .transform((file) => resolve(file))
        .optional(),
    ),
    action: setting(
      { commands: ['transfers'], form: 'word', placeholder: 'list|clean' },
      'What to do: `list` shows transfers; `clean` releases upload sessions that were left behind, also at other services, and removes leftover partial downloads. Neither touches what is running.',
      z.enum(['list', 'clean'], { message: 'must be list or clean' }).default('list'),
    ),
    service: setting(
      { commands: ['demo'], flag: 'service', form: 'text', placeholder: 'SERVICE' },
      'Whose flow to show, each on an embedded stand-in of it: geopera, opteryx or geolens.',
      z.enum(['geopera', 'opteryx', 'geolens']).default('geopera'),
    ),
    json: setting(
      { commands: ['transfers', 'doctor', 'demo'], flag: 'json', form: 'switch' },
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
    const source = sourceOf(schema);
    if (source === undefined || (command && !source.commands.includes(command))) return [];
    return [{ ...source, help: schema.description ?? '', default: defaultOf(schema) }];
  });
}

function defaultOf(schema: ZodTypeAny): string | undefined {
  if (!(schema instanceof z.ZodDefault)) return undefined;
  const value: unknown = schema._def.defaultValue();
  return value === false || (Array.isArray(value) && value.length === 0)
    ? undefined
    : String(value);
}
