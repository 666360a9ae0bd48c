import { execFile } from 'node:child_process';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const INSTALL_MS = 600_000;

/** Where peers stay for the next run. Outside of the repository, which depends on none of them. */
export function peersFolder() {
  const caches = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  return join(caches, 'geopera-mcp-bench', 'context');
}

/**
 * Installs a peer, unless it is there from another run. Its install scripts are not run.
 *
 * @returns the path of its program
 * @throws if npm cannot
 */
export async function installPeer(cache, { package: name, version }, signal) {
  const folder = join(cache, `${name.replace('/', '+')}-${version}`);
  const there = await programIn(folder, name, version);
  if (there !== undefined) return there;
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const quietly = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const args = ['install', '--prefix', folder, ...quietly, `${name}@${version}`];
  const options = { cwd: folder, timeout: INSTALL_MS, signal };
  await promisify(execFile)('npm', args, options).catch((cause) => {
    throw new Error(`npm could not install it: ${firstErrorOf(cause)}`, { cause });
  });
  const installed = await programIn(folder, name, version);
  if (installed === undefined) throw new Error(`npm did not install ${name} ${version}`);
  return installed;
}

/** What npm says first. */
function firstErrorOf({ stderr, message }) {
  return stderr?.split('\n').find((line) => line.startsWith('npm error')) ?? message;
}

/** @returns undefined if that version is not there, or has no program */
async function programIn(folder, name, version) {
  const home = join(folder, 'node_modules', name);
  const manifest = await readFile(join(home, 'package.json'), 'utf8').catch(() => undefined);
  if (manifest === undefined) return undefined;
  const { version: found, bin } = JSON.parse(manifest);
  const [program] = typeof bin === 'string' ? [bin] : Object.values(bin ?? {});
  return found === version && program !== undefined ? join(home, program) : undefined;
}
