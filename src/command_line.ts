import { parseArgs } from 'node:util';
import type { z } from 'zod';
import { type Config, configSchema, type SettingHelp, settings } from './config.ts';
import { ConfigError } from './settings/config_error.ts';
import { conflictsIn } from './settings/conflicts.ts';
import { COMMANDS, type Command, type Source, sourceOf } from './settings/setting.ts';

/** What the user asked for. */
export type Request =
  | { readonly kind: 'help'; readonly command: Command }
  | { readonly kind: 'version' }
  | { readonly kind: 'run'; readonly command: Command; readonly config: Config };

/** Reads the command line (without node and script) and the environment. Throws `ConfigError`. */
export function readRequest(argv: readonly string[], env: NodeJS.ProcessEnv): Request {
  const [first, ...rest] = argv;
  const command = isCommand(first) ? first : 'stdio';
  const { flags, words } = readFlags(command, isCommand(first) ? rest : argv);
  if (flags['help'] === true) return { kind: 'help', command };
  if (flags['version'] === true) return { kind: 'version' };
  const given: Record<string, unknown> = {};
  for (const [name, schema] of Object.entries(configSchema.shape)) {
    const source = sourceOf(schema);
    // What another command reads from the environment cannot stop this one.
    if (!source?.commands.includes(command)) continue;
    const value =
      source.form === 'word'
        ? words[0]
        : (flags[source.flag ?? ''] ?? fromEnvironment(source, env) ?? source.otherwise?.(env));
    if (value !== undefined) given[name] = value;
  }
  const parsed = configSchema.safeParse(given);
  const faults = parsed.success
    ? conflictsIn(parsed.data)
    : parsed.error.issues.map((issue) => faultWords(issue));
  if (!parsed.success || faults.length > 0) throw new ConfigError(faults.join('\n'));
  return { kind: 'run', command, config: parsed.data };
}

interface GivenArguments {
  readonly flags: Readonly<Record<string, unknown>>;
  /** What stands without a flag. */
  readonly words: readonly string[];
}

function readFlags(command: Command, args: readonly string[]): GivenArguments {
  const takesWord = settings(command).some(({ form }) => form === 'word');
  const known = settings(command).flatMap(({ flag, form }) =>
    flag === undefined
      ? []
      : [[flag, { type: form === 'switch' ? 'boolean' : 'string', multiple: form === 'list' }]],
  );
  const options = Object.fromEntries([
    ...known,
    ['help', { type: 'boolean', short: 'h' }],
    ['version', { type: 'boolean' }],
  ]);
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options,
      strict: true,
      allowPositionals: takesWord,
    });
    if (positionals.length > 1) throw new Error(`Unexpected argument '${positionals[1]}'`);
    return { flags: values, words: positionals };
  } catch (error) {
    throw new ConfigError(error instanceof Error ? error.message : String(error));
  }
}

function fromEnvironment({ env: name, form, separator }: Source, env: NodeJS.ProcessEnv): unknown {
  const value = name === undefined ? undefined : env[name];
  if (value === undefined || value === '') return undefined;
  if (form !== 'list') return value;
  return separator === undefined ? [value] : value.split(separator).filter((it) => it !== '');
}

function faultWords(issue: z.ZodIssue): string {
  const schema = Object.entries(configSchema.shape).find(([name]) => name === issue.path[0])?.[1];
  const source = schema === undefined ? undefined : sourceOf(schema);
  const flag = source?.flag === undefined ? undefined : `--${source.flag}`;
  const word = source?.form === 'word' ? source.placeholder : undefined;
  const name = [flag, source?.env, word].filter((it) => it !== undefined).join(' or ');
  return `${name === '' ? 'configuration' : name}: ${issue.message}`;
}

function isCommand(word: string | undefined): word is Command {
  return word !== undefined && Object.hasOwn(COMMANDS, word);
}

/** The text of `--help`: what the command does, and every setting that it knows. */
export function helpText(command: Command): string {
  const word = settings(command).find(({ form }) => form === 'word');
  const usage = [
    'geopera-mcp',
    ...(command === 'stdio' ? [] : [command]),
    ...(word === undefined ? [] : [`[${word.placeholder}]`]),
    '[options]',
  ].join(' ');
  const rows = settings(command).map((it) => [names(it), explanation(it)] as const);
  const commands = Object.entries(COMMANDS).map(([name, help]) => [name, help] as const);
  return [
    `Usage: ${usage}`,
    '',
    ...wrapped(COMMANDS[command], 80),
    '',
    'Options:',
    ...table([...rows, ['--help', 'Show this text.'], ['--version', 'Show the version.']]),
    '',
    'Commands:',
    ...table(commands),
    '',
  ].join('\n');
}

function names({ flag, env, form, placeholder }: SettingHelp): string {
  if (form === 'word') return placeholder ?? '';
  return flag === undefined ? (env ?? '') : `--${flag}${placeholder ? ` ${placeholder}` : ''}`;
}

function explanation({ help, flag, env, form, default: value }: SettingHelp): string {
  const notes = [
    form === 'list' ? 'May be given several times.' : '',
    value === undefined ? '' : `Default: ${value}.`,
    flag === undefined || env === undefined ? '' : `Environment: ${env}.`,
    flag === undefined && env !== undefined ? 'Environment only.' : '',
  ];
  return [help.replaceAll('`', ''), ...notes].filter((it) => it !== '').join(' ');
}

function table(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.flatMap(([name, text]) =>
    wrapped(text, 76 - width).map((line, i) => `  ${(i === 0 ? name : '').padEnd(width)}  ${line}`),
  );
}

function wrapped(text: string, width: number): string[] {
  const lines: string[] = [''];
  for (const word of text.split(' ')) {
    const last = lines[lines.length - 1] ?? '';
    if (last !== '' && last.length + word.length >= width) lines.push(word);
    else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`;
  }
  return lines;
}
