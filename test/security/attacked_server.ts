import { mkdir, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { expect } from 'vitest';
import { openHttpServer } from '../../src/commands/http_server.ts';
import { configSchema } from '../../src/config.ts';
import { LOG_LEVELS, type Log } from '../../src/log.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox.ts';
import { wasSearched } from './figures.ts';
import { exchange, type RawAnswer, type RawRequest } from './raw_exchange.ts';
import { searchForSecrets } from './secret_search.ts';

/** Names that the attacked server is served at, and a page that may call it. */
const SERVED_AT = 'mcp.example.org:8443';
export const LISTED_ORIGIN = 'https://app.example.org';

/** The server as the command opens it, on a sandbox of its own, with all that it says kept. */
export interface AttackedServer {
  readonly sandbox: Sandbox;
  readonly url: string;
  readonly port: number;
  /** `127.0.0.1` with the port. */
  readonly host: string;
  /** Holds `allowed`, which is the one folder that may be allowed. */
  readonly base: string;
  /** The log as it would stand on stderr, at the level debug. */
  readonly lines: readonly string[];
  /** A token of a principal of its own. */
  issueToken(): string;
  /** Must stand in nothing that is logged, answered or counted. */
  addSecret(secret: string): void;
  /** Keeps an answer for the search; `mayHoldLinks` where a signed URL is what was asked for. */
  hear(text: string, mayHoldLinks?: boolean): void;
  exchange(request: RawRequest): Promise<RawAnswer>;
  /** The page of figures. */
  figures(): Promise<string>;
  /** How many sessions are open, by its own figures. */
  openSessions(): Promise<number>;
  /** Ends it, and searches all that it said for secrets. */
  close(): Promise<void>;
}

export interface AttackedOptions {
  /** Settings by name, as `configSchema` takes them. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** Serves `allowed` of the base folder to the tools that take paths. */
  readonly allowDir?: boolean;
}

export async function attackedServer({
  config: settings = {},
  allowDir = false,
}: AttackedOptions = {}): Promise<AttackedServer> {
  const base = await realpath(await mkdtemp(join(tmpdir(), 'geopera-attacked-')));
  const allowed = join(base, 'allowed');
  await mkdir(allowed);
  const sandbox = await startSandbox({ dataDir: join(base, 'sandbox') });
  const config = configSchema.parse({
    httpPort: '0',
    allowHosts: [SERVED_AT],
    allowOrigins: [LISTED_ORIGIN],
    rateLimit: '0',
    drainSeconds: '1',
    // All there is to attack, without a question that would stop it.
    toolsets: ['all'],
    confirm: 'never',
    ...(allowDir ? { allowDirs: [allowed] } : {}),
    ...settings,
  });
  const { log, lines } = keptLog();
  const account = { apiUrl: sandbox.url, token: undefined };
  const server = await openHttpServer(config, account, log);
  const { host, port } = new URL(server.url);
  const secrets = new Set([sandbox.token]);
  const answers: { readonly text: string; readonly mayHoldLinks: boolean }[] = [];
  const pages: string[] = [];

  const heard: AttackedServer['hear'] = (text, mayHoldLinks = false) =>
    void answers.push({ text, mayHoldLinks });
  const figures = async () => {
    const page = await (await fetch(new URL('/metrics', server.url))).text();
    pages.push(page);
    return page;
  };
  return {
    sandbox,
    url: server.url,
    port: Number(port),
    host,
    base,
    lines,
    issueToken() {
      const token = sandbox.issueToken({ scopes: ['*'] });
      secrets.add(token);
      return token;
    },
    addSecret: (secret) => void secrets.add(secret),
    hear: heard,
    async exchange(request) {
      const answer = await exchange(Number(port), request);
      heard(`${JSON.stringify(answer.headers)}\n${answer.body}`);
      return answer;
    },
    figures,
    async openSessions() {
      return Number(/^geopera_mcp_sessions_open (\d+)$/m.exec(await figures())?.[1]);
    },
    async close() {
      await figures();
      await server.drain();
      await sandbox.close();
      await rm(base, { recursive: true, force: true });
      const found = searchForSecrets(secrets, { lines, pages, answers });
      wasSearched({
        secrets: secrets.size,
        logLines: lines.length,
        answers: answers.length,
        pages: pages.length,
        found: found.length,
      });
      expect(found).toEqual([]);
    },
  };
}

/** Lines as the real log writes them. */
function keptLog(): { log: Log; lines: readonly string[] } {
  const lines: string[] = [];
  const logger = pino(
    { name: 'geopera-mcp', level: 'debug' },
    { write: (line) => lines.push(line) },
  );
  const [debug, info, warn, error] = LOG_LEVELS.map(
    (level) => (facts: object, message: string) => logger[level](facts, message),
  );
  if (!debug || !info || !warn || !error) throw new Error('a level of the log is missing');
  return { log: { debug, info, warn, error, flushed: async () => undefined }, lines };
}
