import { spawnSync } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { FolderInUseError } from '../../../src/sandbox/folder_lock.ts';
import { startSandbox } from '../../../src/sandbox/sandbox.ts';
import { sandboxFor, temporaryFolder, upload } from './sandbox_fixture.ts';

const holder = z.object({ pid: z.number(), started: z.string().optional() });

/** The lock that a sandbox of this very process writes. */
async function lockOf(dataDir: string): Promise<z.output<typeof holder>> {
  const sandbox = await startSandbox({ dataDir });
  const lock = holder.parse(JSON.parse(await readFile(join(dataDir, 'sandbox.lock'), 'utf8')));
  await sandbox.close();
  return lock;
}

function pidOfAnEndedProcess(): number {
  return spawnSync(process.execPath, ['--version']).pid;
}

/** How many of three sandboxes that start at once in one folder come up. */
async function winnersOf(dataDir: string): Promise<number> {
  const starts = await Promise.allSettled([1, 2, 3].map(() => sandboxFor({ dataDir })));
  for (const start of starts) {
    if (start.status === 'rejected') expect(start.reason).toBeInstanceOf(FolderInUseError);
  }
  return starts.filter(({ status }) => status === 'fulfilled').length;
}

describe('a folder that a sandbox runs in', () => {
  it('is refused to a second one, in words that name the folder and the process', async () => {
    const dataDir = await temporaryFolder();
    const first = await sandboxFor({ dataDir });
    await expect(startSandbox({ dataDir })).rejects.toMatchObject({
      name: 'FolderInUseError',
      message: expect.stringMatching(new RegExp(`${dataDir}.*process ${process.pid}`)),
    });
    await upload(first, Buffer.from('unharmed'));
    expect(first.state().used_bytes).toBe(8);
  });

  it('goes to one alone of several that start at once', async () => {
    expect(await winnersOf(await temporaryFolder())).toBe(1);
  });

  it.each([
    ['is closed', async (dataDir: string) => (await startSandbox({ dataDir })).close()],
    [
      'could not start',
      async (dataDir: string) => {
        const port = Number(new URL((await sandboxFor()).url).port);
        await expect(startSandbox({ dataDir, port })).rejects.toThrow(String(port));
      },
    ],
  ])('is free again when the sandbox %s', async (_why, use) => {
    const dataDir = await temporaryFolder();
    await use(dataDir);
    expect(await readdir(dataDir)).not.toContain('sandbox.lock');
    await sandboxFor({ dataDir });
  });
});

describe('a lock that was left behind', () => {
  it('is taken over by one alone when its process is gone', async () => {
    const dataDir = await temporaryFolder();
    const left = { ...(await lockOf(dataDir)), pid: pidOfAnEndedProcess() };
    await writeFile(join(dataDir, 'sandbox.lock'), JSON.stringify(left));
    expect(await winnersOf(dataDir)).toBe(1);
    expect(await readdir(dataDir)).not.toContain('sandbox.lock.takeover');
  });

  it.runIf(process.platform === 'linux')(
    'is taken over when another process has its id now',
    async () => {
      const dataDir = await temporaryFolder();
      const left = { ...(await lockOf(dataDir)), started: '1' };
      await writeFile(join(dataDir, 'sandbox.lock'), JSON.stringify(left));
      await sandboxFor({ dataDir });
    },
  );

  it('keeps the folder closed when it does not say whose it is', async () => {
    const dataDir = await temporaryFolder();
    const lock = join(dataDir, 'sandbox.lock');
    await writeFile(lock, '');
    await expect(startSandbox({ dataDir })).rejects.toThrow(lock);
  });
});
