import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { configSchema, settings } from '../../src/config.ts';
import { checkConfiguration, needsNginx } from '../integration/replicas/nginx.ts';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));

interface Instruction {
  readonly name: string;
  readonly text: string;
}

/** The instructions of each stage of the Dockerfile, the first of which is its FROM. */
async function stages(): Promise<readonly (readonly Instruction[])[]> {
  const file = await readFile(join(root, 'Dockerfile'), 'utf8');
  const lines = file.replace(/^#.*\n/gm, '').replace(/\\\n\s*/g, '');
  const found: Instruction[][] = [];
  for (const [, name = '', text = ''] of lines.matchAll(/^([A-Z]+) +(.+)$/gm)) {
    if (name === 'FROM') found.push([]);
    found.at(-1)?.push({ name, text });
  }
  return found;
}

const all = (stage: readonly Instruction[], name: string) =>
  stage.filter((instruction) => instruction.name === name).map(({ text }) => text);

function only(stage: readonly Instruction[], name: string): string {
  const [text, ...more] = all(stage, name);
  if (text === undefined || more.length > 0) throw new Error(`not one ${name}`);
  return text;
}

const words = (json: string) => z.array(z.string()).parse(JSON.parse(json));

/** Sources and target of each COPY, without its options. */
const copies = (stage: readonly Instruction[]) =>
  all(stage, 'COPY').map((text) => {
    const paths = text.split(/\s+/).filter((word) => !word.startsWith('--'));
    return { from: paths.slice(0, -1), to: paths.at(-1) ?? '' };
  });

const variables = (stage: readonly Instruction[]) =>
  Object.fromEntries(
    all(stage, 'ENV').flatMap((text) =>
      text.split(/\s+/).map((pair) => z.tuple([z.string(), z.string()]).parse(pair.split('='))),
    ),
  );

describe('the image', () => {
  let base: string;
  /** Holds what the second stage copies, and nothing else. */
  let app: string;
  let build: readonly Instruction[];
  let shipped: readonly Instruction[];

  beforeAll(async () => {
    const [first, second, ...more] = await stages();
    if (first === undefined || second === undefined || more.length > 0) throw new Error('not two');
    [build, shipped] = [first, second];
    base = await mkdtemp(join(tmpdir(), 'geopera-mcp-image-'));
    await chmod(base, 0o755);
    app = join(base, 'app');
    const source = join(base, 'src');
    await mkdir(source);
    await mkdir(app);
    for (const { from } of copies(build)) {
      for (const path of from) await cp(join(root, path), join(source, path), { recursive: true });
    }
    // What `npm ci` would bring.
    await symlink(join(root, 'node_modules'), join(source, 'node_modules'));
    await run('npm', ['run', '--silent', 'build'], { cwd: source });
    for (const { from } of copies(shipped)) {
      for (const path of from) {
        const built = path.startsWith('/src/') ? join(source, path.slice('/src/'.length)) : '';
        await cp(built || join(root, path), join(app, basename(path)), { recursive: true });
      }
    }
    await run('chmod', ['-R', 'a-w,a+rX', app]);
  }, 120_000);

  afterAll(async () => {
    await run('chmod', ['-R', 'u+w', base]);
    await rm(base, { recursive: true, force: true });
  });

  it('is built on the least Node that is supported, twice the same', () => {
    const [from, again] = [only(build, 'FROM'), only(shipped, 'FROM')];
    expect(from).toBe('node:20-slim AS build');
    expect(again).toBe('node:20-slim');
  });

  it('is given all that it copies, and nothing more', async () => {
    const ignored = await readFile(join(root, '.dockerignore'), 'utf8');
    const given = ignored
      .split('\n')
      .filter((line) => line.startsWith('!'))
      .map((line) => line.slice(1));
    const taken = [...copies(build), ...copies(shipped)].flatMap(({ from }) => from);
    expect(ignored).toMatch(/^\*$/m);
    expect(taken.filter((path) => !path.startsWith('/src/')).sort()).toEqual(given.sort());
  });

  it('holds the bundle alone, which its user cannot change', () => {
    expect(all(shipped, 'COPY')).toEqual(['LICENSE ./', '--from=build /src/dist ./dist']);
    expect(all(shipped, 'USER')).toEqual(['1000:1000']);
    expect(shipped.findIndex(({ name }) => name === 'USER')).toBeGreaterThan(
      shipped.findLastIndex(({ name }) => name === 'RUN' || name === 'COPY'),
    );
  });

  it('is configured by settings that there are, none of them a secret', () => {
    const known = settings('http').flatMap(({ env }) => env ?? []);
    const nodes = ['NODE_ENV', 'NODE_DISABLE_COMPILE_CACHE'];
    const set = Object.keys(variables(shipped));
    expect([...nodes, ...known]).toEqual(expect.arrayContaining(set));
    expect(set.join()).not.toMatch(/TOKEN|KEY|SECRET|PASSWORD/);
    expect([...all(build, 'ARG'), ...all(shipped, 'ARG')]).toEqual([]);
  });

  it('keeps its state in a volume, and is reached at the port of the settings', () => {
    const { httpPort } = configSchema.parse({});
    expect(only(shipped, 'VOLUME')).toBe(variables(shipped)['GEOPERA_STATE_DIR']);
    expect(only(shipped, 'EXPOSE')).toBe(String(httpPort));
  });

  it('serves from a folder that it cannot write, as nobody, until it is asked to end', async () => {
    const state = join(base, 'state');
    await mkdir(state, { mode: 0o777 });
    const env = {
      PATH: process.env['PATH'],
      ...variables(shipped),
      GEOPERA_STATE_DIR: state,
      GEOPERA_HTTP_PORT: '0',
    };
    const command = [...words(only(shipped, 'ENTRYPOINT')), ...words(only(shipped, 'CMD'))];
    const [program = '', ...args] = [...asNobody(), ...command];
    const server = spawn(program, args, { cwd: app, env, stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = once(server, 'exit');
    const [line] = await once(createInterface({ input: server.stdout }), 'line');
    const { port } = new URL(z.object({ url: z.string() }).parse(JSON.parse(line)).url);

    const check = words(/CMD (.*)$/.exec(only(shipped, 'HEALTHCHECK'))?.[1] ?? '');
    const healthy = () => {
      const [asked = '', ...how] = check;
      return spawnSync(asked, how, { env: { ...env, GEOPERA_HTTP_PORT: port } }).status === 0;
    };
    expect(healthy()).toBe(true);
    const { status } = await fetch(`http://127.0.0.1:${port}/mcp`, { method: 'POST' });
    expect(status).toBe(401);
    server.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
    expect(healthy()).toBe(false);
  });
});

/** A command that becomes another one, without any right of whoever runs it; nothing where it has none. */
function asNobody(): readonly string[] {
  if (userInfo().uid !== 0) return [];
  const nobody = ['--reuid=65534', '--regid=65534', '--clear-groups'];
  return ['setpriv', ...nobody, '--no-new-privs', '--bounding-set=-all', '--inh-caps=-all'];
}

describe('the unit for systemd', () => {
  const path = join(root, 'deploy/systemd/geopera-mcp.service');
  const analyze = 'systemd-analyze';
  const there = spawnSync(analyze, ['--version']).status === 0;
  const needsSystemd = there ? '' : ` (skipped: there is no ${analyze})`;

  it.skipIf(needsSystemd !== '')(`is one that systemd takes${needsSystemd}`, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'geopera-mcp-unit-'));
    try {
      // Node need not be where the unit has it on the machine that this runs on.
      const unit = (await readFile(path, 'utf8')).replace('/usr/bin/node', process.execPath);
      const copy = join(folder, basename(path));
      await writeFile(copy, unit);
      const { status, stderr } = spawnSync(analyze, ['verify', '--man=no', copy]);
      expect({ status, said: stderr.toString() }).toEqual({ status: 0, said: '' });
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('has settings that there are, and waits for the end longer than a drain takes', async () => {
    const unit = await readFile(path, 'utf8');
    const set = new Map(
      [...unit.matchAll(/^Environment=(.*)$/gm)]
        .flatMap(([, pairs = '']) => pairs.split(' '))
        .map((pair) => z.tuple([z.string(), z.string()]).parse(pair.split('='))),
    );
    const known = settings('http').flatMap(({ env }) => env ?? []);
    expect([...known, 'XDG_CACHE_HOME']).toEqual(expect.arrayContaining([...set.keys()]));
    const drain = Number(set.get('GEOPERA_HTTP_DRAIN_SECONDS'));
    expect(drain).toBe(configSchema.parse({}).drainSeconds);
    expect(Number(/^TimeoutStopSec=(\d+)$/m.exec(unit)?.[1])).toBeGreaterThan(drain);
    expect(unit).not.toMatch(/TOKEN/);
  });
});

describe.skipIf(needsNginx !== '')(`the configuration for nginx${needsNginx}`, () => {
  it('is one that nginx takes', async () => {
    const said = await checkConfiguration();
    expect(said).toContain('test is successful');
    expect(said).not.toContain('[warn]');
  });
});
