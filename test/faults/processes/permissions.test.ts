import { execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { COMMAND } from '../../e2e/spawned.ts';
import { uploadFacts } from '../../integration/world.ts';
import { writeBytes } from '../../scene.ts';
import { type SandboxProcess, startSandboxProcess } from '../sandbox_process.ts';
import { type ServerProcess, startServer } from '../server_process.ts';

/** Modes are nothing to root, so a server of root's is started as somebody else. */
const AS_NOBODY = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];
const through = process.getuid?.() === 0 ? AS_NOBODY : [];

function canRun(): boolean {
  const [command = process.execPath, ...args] = [
    ...through,
    process.execPath,
    COMMAND,
    '--version',
  ];
  try {
    execFileSync(command, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

let base: string;
let sandbox: SandboxProcess;
let server: ServerProcess;

describe.skipIf(!canRun())('a server that may not (skipped where it cannot run as nobody)', () => {
  beforeEach(async () => {
    base = await realpath(await mkdtemp(join(tmpdir(), 'geopera-modes-')));
    await chmod(base, 0o755);
    for (const [name, mode] of [
      ['open', 0o777],
      ['closed', 0o555],
      ['sealed', 0o700],
    ] as const) {
      await mkdir(join(base, name));
      await chmod(join(base, name), mode);
    }
    if (through.length === 0) await chmod(join(base, 'sealed'), 0o000);
    sandbox = await startSandboxProcess(join(base, 'sandbox'));
    const folders = ['open', 'closed', 'sealed'].map((name) => join(base, name));
    // The state folder cannot be made either: work goes on without journals.
    server = await startServer({ sandbox, folders, stateHome: join(base, 'closed'), through });
  });

  afterEach(async () => {
    await server.close();
    await sandbox.close();
    await chmod(join(base, 'sealed'), 0o700);
    await rm(base, { recursive: true, force: true });
  });

  async function expectAlive(): Promise<void> {
    const state = await sandbox.state();
    expect([state.open_sessions, state.reserved_bytes]).toEqual([0, 0]);
    const path = await writeBytes(join(base, 'open'), 'fine.bin', 1000);
    await chmod(path, 0o644);
    const sent = await server.call('upload_local_file', { path, project_id: sandbox.projectId });
    expect(sent.isError, sent.text).toBe(false);
  }

  it('read a file says so, and reserves nothing', async () => {
    const path = await writeBytes(join(base, 'open'), 'secret.bin', 1000);
    await chmod(path, 0o000);
    const sent = await server.call('upload_local_file', { path, project_id: sandbox.projectId });
    expect(sent.isError).toBe(true);
    expect(sent.text).toMatch(/permission|could not be/);
    expect((await sandbox.state()).sessions).toEqual([]);
    await expectAlive();
  });

  it('enter a folder says so', async () => {
    const path = join(base, 'sealed', 'a.bin');
    const sent = await server.call('upload_local_file', { path, project_id: sandbox.projectId });
    expect(sent.isError).toBe(true);
    expect(sent.text).toMatch(/EACCES|permission|not in an allowed folder|could not be resolved/);
    await expectAlive();
  });

  it('write to a folder says so, and leaves nothing in it', async () => {
    const source = await writeBytes(join(base, 'open'), 'scene.bin', 1000);
    await chmod(source, 0o644);
    const args = { path: source, project_id: sandbox.projectId };
    const sent = await server.call('upload_local_file', args);
    expect(sent.isError, sent.text).toBe(false);
    const asset = { item_id: uploadFacts.parse(sent.facts).item_ids[0], asset_id: 'data' };
    const path = join(base, 'closed', 'back.bin');
    const refused = await server.call('download_asset_to_path', { ...asset, path });
    expect(refused.isError).toBe(true);
    expect(refused.text).toContain('no permission to write to the target folder');
    expect(await readdir(join(base, 'closed'))).toEqual([]);
    const path2 = join(base, 'open', 'back.bin');
    const back = await server.call('download_asset_to_path', { ...asset, path: path2 });
    expect(back.isError, back.text).toBe(false);
    await expectAlive();
  });
});
