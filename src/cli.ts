import { helpText, type Request, readRequest } from './command_line.ts';
import type { Config } from './config.ts';
import { isConfigError } from './settings/config_error.ts';
import type { Command } from './settings/setting.ts';
import { VERSION } from './version.ts';

const USAGE_ERROR = 2;

/** Each command is loaded when it is asked for: most starts need one, and that one fast. */
const RUN: Readonly<Record<Command, (config: Config) => Promise<void>>> = {
  stdio: async (config) => (await import('./commands/stdio.ts')).runStdio(config),
  http: async (config) => (await import('./commands/http.ts')).runHttp(config),
  sandbox: async (config) => (await import('./commands/sandbox.ts')).runSandbox(config),
  transfers: async (config) => (await import('./commands/transfers.ts')).runTransfers(config),
  doctor: async (config) => (await import('./commands/doctor.ts')).runDoctor(config),
  demo: async (config) => (await import('./commands/demo.ts')).runDemo(config),
};

async function run(request: Request): Promise<void> {
  switch (request.kind) {
    case 'help':
      process.stdout.write(helpText(request.command));
      return;
    case 'version':
      process.stdout.write(`${VERSION}\n`);
      return;
    case 'run':
      await RUN[request.command](request.config);
  }
}

async function main(): Promise<number> {
  try {
    await run(readRequest(process.argv.slice(2), process.env));
    return 0;
  } catch (error) {
    if (!isConfigError(error)) throw error;
    process.stderr.write(`${error.message}\nSee geopera-mcp --help.\n`);
    return USAGE_ERROR;
  }
}

main().then(
  // Open keep-alive sockets and stdin must not hold the process: all work is done here.
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  },
);
