import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { vi } from 'vitest';

const run = promisify(execFile);

const PUBLISHED = fileURLToPath(new URL('../../../deploy/nginx/geopera-mcp.conf', import.meta.url));

/** Debian keeps it where only root looks. */
const FOLDERS = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin'];

function find(program: string): string | undefined {
  return FOLDERS.map((folder) => join(folder, program)).find((path) => existsSync(path));
}

const nginx = find('nginx');
const openssl = find('openssl');

/** For the title of what is skipped. */
export const needsNginx =
  nginx !== undefined && openssl !== undefined
    ? ''
    : ' (skipped: there is no nginx, or no openssl)';

export interface Nginx {
  /** Where it passes the protocol on, as a client writes it. */
  readonly url: URL;
  /** To be trusted by whoever asks. */
  readonly certificate: string;
  close(): Promise<void>;
}

/** The file of this repository, with what a test cannot have put in the place of its like. */
async function configuration(folder: string, replicas: readonly string[], ports: Ports) {
  const published = await readFile(PUBLISHED, 'utf8');
  const changes: readonly (readonly [from: string, to: string])[] = [
    ['127.0.0.1:3001', replicas[0] ?? ''],
    ['127.0.0.1:3002', replicas[1] ?? ''],
    ['listen 80;', `listen 127.0.0.1:${ports.plain};`],
    ['listen 443 ssl;', `listen 127.0.0.1:${ports.tls} ssl;`],
    ['/etc/ssl/geopera-mcp/fullchain.pem', join(folder, 'fullchain.pem')],
    ['/etc/ssl/geopera-mcp/privkey.pem', join(folder, 'privkey.pem')],
    ['/var/log/nginx/geopera-mcp.log', join(folder, 'access.log')],
    ['server_name mcp.example.com;', 'server_name localhost;'],
  ];
  return changes.reduce((text, [from, to]) => {
    if (!text.includes(from)) throw new Error(`${PUBLISHED} has no ${from}`);
    return text.replaceAll(from, to);
  }, published);
}

/** A configuration is included by one that a distribution brings; this is as little of that as will do. */
function around(folder: string, included: string): string {
  const { uid, username } = userInfo();
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (kind) => `${kind}_temp_path ${folder}/${kind};`,
  );
  return `
    ${uid === 0 ? `user ${username};` : ''}
    worker_processes 1;
    daemon off;
    pid ${folder}/nginx.pid;
    error_log ${folder}/error.log warn;
    events { worker_connections 256; }
    http { ${temporary.join('\n')} include ${included}; }`;
}

interface Ports {
  readonly plain: number;
  readonly tls: number;
}

interface Prepared {
  readonly args: readonly string[];
  readonly folder: string;
  readonly ports: Ports;
}

async function prepare(replicas: readonly string[]): Promise<Prepared> {
  const folder = await mkdtemp(join(tmpdir(), 'geopera-mcp-nginx-'));
  await mkdir(join(folder, 'proxy'));
  const key = join(folder, 'privkey.pem');
  await run(openssl ?? '', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'],
    ...['-days', '2', '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'],
    ...['-keyout', key, '-out', join(folder, 'fullchain.pem')],
  ]);
  const ports = { plain: await freePort(), tls: await freePort() };
  const included = join(folder, 'geopera-mcp.conf');
  await writeFile(included, await configuration(folder, replicas, ports));
  const whole = join(folder, 'nginx.conf');
  await writeFile(whole, around(folder, included));
  return { args: ['-e', join(folder, 'error.log'), '-c', whole], folder, ports };
}

/** What `nginx -t` says of the configuration. */
export async function checkConfiguration(): Promise<string> {
  const { args, folder } = await prepare(['127.0.0.1:1', '127.0.0.1:2']);
  try {
    const { stderr } = await run(nginx ?? '', ['-t', ...args]);
    return stderr;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** @param replicas host and port of each of the two */
export async function startNginx(replicas: readonly string[]): Promise<Nginx> {
  const { args, folder, ports } = await prepare(replicas);
  const child = spawn(nginx ?? '', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = once(child, 'exit');
  let said = '';
  child.stderr.on('data', (data: Buffer) => {
    said += data.toString();
  });
  await vi.waitFor(
    async () => {
      if (child.exitCode !== null) throw new Error(`nginx ended: ${said}`);
      await connected(ports.tls);
    },
    { timeout: 10_000 },
  );
  return {
    url: new URL(`https://localhost:${ports.tls}/mcp`),
    certificate: await readFile(join(folder, 'fullchain.pem'), 'utf8'),
    async close() {
      child.kill('SIGTERM');
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function connected(port: number): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect').finally(() => socket.destroy());
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = addressOf(probe.address());
  probe.close();
  await once(probe, 'close');
  return port;
}

function addressOf(address: AddressInfo | string | null): AddressInfo {
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address;
}
