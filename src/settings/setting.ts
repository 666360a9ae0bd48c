import { homedir } from 'node:os';
import { resolve } from 'node:path';
import { type ZodTypeAny, z } from 'zod';

export const COMMANDS = {
  stdio: 'Serve an MCP client over stdin and stdout. This is the default.',
  http: 'Serve MCP clients over Streamable HTTP, each acting with its own Geopera token.',
  sandbox: 'Serve an embedded Geopera with its object storage on loopback, for trying things out.',
  transfers:
    'Show the transfers that are under way and those that were left behind, or clean up the latter.',
  doctor:
    'Look whether all is well: address, clock, operations, token, scopes, folders, other services; and what to do if not.',
  demo: 'Show the main job on the sandbox: upload a scene, clip it, download both; or the flow of another service.',
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

/** Declares a setting. */
export function setting<Schema extends ZodTypeAny>(
  source: Source,
  help: string,
  schema: Schema,
): Schema {
  // `describe` makes a copy, so a schema is never registered twice.
  const described: Schema = schema.describe(help);
  sources.set(described, source);
  return described;
}

/** A number as it stands on a command line; an empty text is none. */
export function wholeNumber(least: number, most = Number.MAX_SAFE_INTEGER) {
  return z
    .string()
    .regex(/^\d{1,16}$/, 'must be a whole number')
    .transform(Number)
    .pipe(z.number().min(least).max(most));
}

/** Where a setting of the schema comes from. */
export function sourceOf(schema: ZodTypeAny): Source | undefined {
  return sources.get(schema);
}

/** Configuration files are read by no shell, so `~` is expanded here. */
export function folderPath(folder: string): string {
  return resolve(folder.replace(/^~(?=$|[/\\])/, homedir()));
}
