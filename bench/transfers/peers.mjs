import { execFile } from 'node:child_process';
import { access, readFile } from 'node:fs/promises';
import { arch, cpus, platform, release, totalmem } from 'node:os';
import { promisify } from 'node:util';

const run = promisify(execFile);

const MODULES = '/usr/lib/nginx/modules';

/** Modules of nginx that Debian packs apart: WebDAV's PROPFIND for rclone, and a rate per connection. */
export const NGINX_MODULES = {
  webdav: `${MODULES}/ngx_http_dav_ext_module.so`,
  stream: `${MODULES}/ngx_stream_module.so`,
};

const PROGRAMS = {
  nginx: ['-v'],
  curl: ['--version'],
  aria2c: ['--version'],
  rclone: ['version'],
  openssl: ['version'],
  time: ['--version'],
};

/** The first line that a program says of itself, or undefined if it is not installed. */
async function versionOf(program, args) {
  try {
    const { stdout, stderr } = await run(program, args);
    return (stdout || stderr).split('\n')[0].trim();
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

const isThere = (path) =>
  access(path).then(
    () => true,
    () => false,
  );

/**
 * Versions of all that is measured against.
 *
 * @throws if something is not installed, with what to do
 */
export async function peerVersions() {
  const versions = {};
  const missing = [];
  for (const [program, args] of Object.entries(PROGRAMS)) {
    versions[program] = await versionOf(program, args);
    if (versions[program] === undefined) missing.push(program);
  }
  for (const path of Object.values(NGINX_MODULES)) {
    if (!(await isThere(path))) missing.push(path);
  }
  if (missing.length > 0) {
    throw new Error(`missing: ${missing.join(', ')}. On Debian: sh bench/install_peers.sh`);
  }
  return versions;
}

/** What the figures depend on. */
export async function machineFacts() {
  const cpuinfo = await readFile('/proc/cpuinfo', 'utf8');
  return {
    cpu: cpus()[0].model.trim(),
    cores: cpus().length,
    aes: /\baes\b|\bvaes\b/.test(cpuinfo),
    memory_gib: Math.round(totalmem() / 2 ** 30),
    kernel: `${platform()} ${release()} ${arch()}`,
    node: process.version,
    openssl_in_node: process.versions.openssl,
  };
}
