#!/usr/bin/env node
// What a user gets: packs the package, installs it offline into an empty folder, and runs it there.
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { listTools } from '../bench/mcp_session.mjs';

const run = promisify(execFile);
const root = fileURLToPath(new URL('..', import.meta.url));
const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));

const work = await mkdtemp(join(tmpdir(), 'geopera-mcp-packed-'));
const home = join(work, 'home');
const folder = join(work, 'empty');
const env = { PATH: process.env.PATH, HOME: home };

function check(fact, what) {
  if (!fact) throw new Error(`the packed package fails: ${what}`);
  console.log(`  ok  ${what}`);
}

async function install() {
  const { stdout } = await run('npm', ['pack', '--silent', '--pack-destination', work], {
    cwd: root,
  });
  const tarball = join(work, stdout.trim().split('\n').at(-1));
  await mkdir(home);
  await mkdir(folder);
  await writeFile(join(folder, 'package.json'), '{ "private": true }\n');
  await run('npm', ['install', '--silent', '--offline', tarball], { cwd: folder, env });
  const { stdout: tree } = await run('npm', ['ls', '--all', '--parseable'], { cwd: folder, env });
  check(tree.trim().split('\n').length === 2, 'it installs offline, and brings no other package');
}

async function smoke() {
  const command = join(folder, 'node_modules', '.bin', 'geopera-mcp');
  const ask = async (...args) => (await run(command, args, { cwd: folder, env })).stdout;

  check((await ask('--version')) === `${version}\n`, `--version says ${version}`);
  check((await ask('--help')).startsWith('Usage: geopera-mcp'), '--help tells how to use it');
  const { tools } = await listTools([command], { env });
  check(tools > 0, `a client over stdio is offered ${tools} tools`);
  const report = JSON.parse((await ask('demo', '--json')).trim().split('\n').at(-1));
  check(report.ok && report.sha256_source === report.sha256_download, 'the demo moves a scene');
}

try {
  await install();
  await smoke();
} finally {
  await rm(work, { recursive: true, force: true });
}
