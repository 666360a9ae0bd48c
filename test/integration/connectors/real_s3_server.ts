import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { presign } from '../../../src/sandbox/s3/presigned_request.ts';
import type { S3Access } from '../../../src/sandbox/s3/s3_access.ts';

/** Debian's Python, which is the one that has Swift. */
const PYTHON = '/usr/bin/python3';
const S3_API = '/usr/lib/python3/dist-packages/swift/common/middleware/s3api';
const SERVER = fileURLToPath(new URL('./swift_server.py', import.meta.url));
/** Swift takes this long at most before it is taken for broken. */
const START_MS = 20_000;

const installed = existsSync(PYTHON) && existsSync(S3_API);

/** For the title of what is skipped. */
export const needsRealS3 = installed ? '' : ' (skipped: there is no python3-swift)';

/** An S3 that somebody else wrote: OpenStack Swift with its S3 API, on loopback. */
export interface RealS3 {
  /** With a bucket that is there and empty. */
  readonly access: S3Access;
  close(): Promise<void>;
}

export async function startRealS3(): Promise<RealS3> {
  const folder = await mkdtemp(join(tmpdir(), 'geopera-mcp-swift-'));
  const keys = { accessKeyId: 'geolens:tester', secretAccessKey: 'SECRET-of-swift' };
  const region = 'us-east-1';
  const args = [SERVER, folder, region, keys.accessKeyId, keys.secretAccessKey];
  const server = spawn(PYTHON, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  const close = async () => {
    if (server.exitCode === null && server.signalCode === null) {
      const exited = once(server, 'exit');
      server.kill('SIGKILL');
      await exited;
    }
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const endpoint = `http://127.0.0.1:${await portOf(server)}`;
    const access = { endpoint, bucket: 'geolens', region, ...keys };
    await makeBucket(access);
    return { access, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The first line that the server says; if it ends instead, its last words are the error. */
function portOf(server: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    let complaint = '';
    const late = setTimeout(
      () => reject(new Error(`Swift does not start: ${complaint}`)),
      START_MS,
    );
    server.stdout?.on('data', (data: Buffer) => {
      said += data.toString();
      if (!said.includes('\n')) return;
      clearTimeout(late);
      resolve(said.trim());
    });
    server.stderr?.on('data', (data: Buffer) => {
      complaint += data.toString();
    });
    server.once('exit', () => {
      clearTimeout(late);
      reject(new Error(`Swift ended: ${complaint}`));
    });
  });
}

async function makeBucket(access: S3Access): Promise<void> {
  const validity = { from: new Date(), seconds: 60 };
  const url = presign('v4', access, { method: 'PUT', key: '' }, validity);
  const answer = await fetch(url, { method: 'PUT' });
  if (!answer.ok) throw new Error(`No bucket: ${answer.status} ${await answer.text()}`);
}
