import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

/** Versions of the protocol's own suite: the released one, and the next. */
export const SUITE_VERSIONS = ['0.1', '0.2'] as const;

export type SuiteVersion = (typeof SUITE_VERSIONS)[number];

/** The next one knows a revision of the protocol that this server does not speak yet. */
const ARGS: Readonly<Record<SuiteVersion, readonly string[]>> = {
  '0.1': [],
  '0.2': ['--spec-version', '2025-11-25'],
};

const checksSchema = z.array(
  z.object({
    id: z.string(),
    status: z.enum(['SUCCESS', 'FAILURE', 'WARNING', 'SKIPPED', 'INFO']),
    errorMessage: z.string().optional(),
  }),
);

/** One thing that a scenario looked at. */
export interface Check extends z.output<typeof checksSchema.element> {
  readonly scenario: string;
}

export interface SuiteResult {
  /** 0 if no check failed. */
  readonly exitCode: number;
  /** All that was printed. */
  readonly output: string;
  /** Every check, also those that the printed summary does not count. */
  readonly checks: readonly Check[];
}

/** Runs every scenario of a suite against a server, in a process of its own. */
export async function runSuite(version: SuiteVersion, url: string): Promise<SuiteResult> {
  const folder = await mkdtemp(join(tmpdir(), 'geopera-mcp-conformance-'));
  try {
    const { exitCode, output } = await runNode([
      '--import',
      new URL('node20_shim.mjs', import.meta.url).href,
      fileURLToPath(
        new URL(`../../node_modules/conformance-${version}/dist/index.js`, import.meta.url),
      ),
      'server',
      ...['--url', url, '--suite', 'all', '--output-dir', folder],
      ...ARGS[version],
    ]);
    return { exitCode, output, checks: await readChecks(folder) };
  } finally {
    await rm(folder, { recursive: true });
  }
}

function runNode(args: readonly string[]): Promise<{ exitCode: number; output: string }> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, args, (_error, stdout, stderr) =>
      resolve({ exitCode: child.exitCode ?? -1, output: stdout + stderr }),
    );
  });
}

/** Each scenario has a folder named after it and the time of its run. */
async function readChecks(folder: string): Promise<readonly Check[]> {
  const checks: Check[] = [];
  for (const name of await readdir(folder)) {
    const scenario = /^server-(?<scenario>.+)-\d{4}-\d\d-\d\dT[\d-]+Z$/.exec(name)?.groups?.[
      'scenario'
    ];
    if (scenario === undefined) throw new Error(`${name} is of no scenario`);
    const text = await readFile(join(folder, name, 'checks.json'), 'utf8');
    checks.push(...checksSchema.parse(JSON.parse(text)).map((check) => ({ ...check, scenario })));
  }
  return checks;
}
