import { appendFile, rename, truncate, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Fault } from '../../../src/sandbox/sandbox.ts';
import type { Answer, World } from '../../integration/world.ts';
import { writeBytes } from '../../scene.ts';
import { expectDiscreet, expectSound, faultWorld, injectAll } from './fault_world.ts';

/** Large enough to be sent as several pieces, and with an eye on early refusals. */
const SIZE = 2_500_000;
const FILES = ['a.bin', 'b.bin', 'c.bin'];
const ALWAYS = 100;

async function uploadThree(
  world: World,
  onprogress: (folder: string) => void = () => {},
): Promise<Answer> {
  const paths = [];
  for (const name of FILES) paths.push(await writeBytes(world.folder, name, SIZE));
  return world.call(
    'upload_local_files',
    { paths, project_id: world.sandbox.projectId },
    { onprogress: () => onprogress(world.folder) },
  );
}

function statusOfSessions({ sandbox }: World): unknown {
  return sandbox.state().sessions.map(({ status, error_step }) => [status, error_step]);
}

type Action = Fault['do'];

describe('one file of a session meets trouble once, and all arrive', () => {
  const passing: readonly [string, Action][] = [
    ['a reset before a byte', { cut_after_bytes: 0 }],
    ['a reset after one byte', { cut_after_bytes: 1 }],
    ['a reset half-way', { cut_after_bytes: SIZE / 2 }],
    ['a reset before the last byte', { cut_after_bytes: SIZE - 1 }],
    ['a reset instead of the answer', { lose_answer: true }],
    ['storage that keeps half of it', { truncate_to_bytes: SIZE / 2 }],
    ['a lie about the checksum', { lie: 'checksum' }],
    ['a lie about the length', { lie: 'length' }],
    ['expiry', { expire: true }],
    ['500', { status: 500 }],
    ['502', { status: 502 }],
    ['503 with a wait', { status: 503, retry_after: 3 }],
    ['429 with a wait', { status: 429, retry_after: 3 }],
    ['503 while the body is going', { early_refusal: { status: 503, code: 'SlowDown' } }],
    ['a line that is slow', { bytes_per_second: 20_000_000 }],
  ];

  it.each(passing)('%s', async (_what, action) => {
    const world = await faultWorld();
    injectAll(world, [{ on: 'storage.put', after: 1, do: action }]);
    const answer = await uploadThree(world);
    expect(answer.isError, answer.text).toBe(false);
    expect(world.sandbox.state().faults_struck).toBe(1);
    expect(statusOfSessions(world)).toEqual([['completed', null]]);
    expect(world.sandbox.state().used_bytes).toBe(FILES.length * SIZE);
    await expectSound(world);
  });

  it('silence', async () => {
    const limits = { uploadStallMs: 1_000, putAnswerMs: 1_000 };
    const world = await faultWorld({ limits });
    injectAll(world, [{ on: 'storage.put', after: 1, do: { stall_after_bytes: SIZE / 2 } }]);
    const answer = await uploadThree(world);
    expect(answer.isError, answer.text).toBe(false);
    expect(statusOfSessions(world)).toEqual([['completed', null]]);
    await expectSound(world);
  });
});

describe('trouble that lasts ends the whole session, names its step, and releases it', () => {
  const lasting: readonly [string, Fault, string, string][] = [
    ['resets before a byte', onPut({ cut_after_bytes: 0 }), 'transfer', 'connection_lost'],
    ['resets after one byte', onPut({ cut_after_bytes: 1 }), 'transfer', 'connection_lost'],
    ['resets half-way', onPut({ cut_after_bytes: SIZE / 2 }), 'transfer', 'connection_lost'],
    ['resets at the end', onPut({ cut_after_bytes: SIZE - 1 }), 'transfer', 'connection_lost'],
    ['answers that get lost', onPut({ lose_answer: true }), 'transfer', 'connection_lost'],
    ['half kept', onPut({ truncate_to_bytes: SIZE / 2 }), 'transfer', 'length_mismatch'],
    ['lies about checksums', onPut({ lie: 'checksum' }), 'transfer', 'checksum_mismatch'],
    ['lies about lengths', onPut({ lie: 'length' }), 'transfer', 'length_mismatch'],
    ['expiry', onPut({ expire: true }), 'transfer', 'url_expired'],
    ['500', onPut({ status: 500 }), 'transfer', 'storage_unavailable'],
    ['503', onPut({ status: 503 }), 'transfer', 'storage_unavailable'],
    ['429', onPut({ status: 429 }), 'transfer', 'storage_unavailable'],
    [
      '413 while the body is going',
      onPut({ early_refusal: { status: 413, code: 'EntityTooLarge' } }),
      'transfer',
      'storage_refused',
    ],
    [
      'a redirect',
      onPut({ status: 307, headers: { Location: 'http://127.0.0.1:9/x' } }),
      'transfer',
      'redirect_refused',
    ],
    ['no signature', always('uploads.signed_url', { status: 403 }), 'sign', 'forbidden'],
    ['no word from signing', always('uploads.signed_url', { status: 500 }), 'sign', 'unavailable'],
    ['no completion', always('uploads.complete', { status: 422 }), 'complete', 'invalid_input'],
  ];

  function always(on: string, action: Action): Fault {
    return { on, times: ALWAYS, do: action };
  }

  function onPut(action: Action): Fault {
    return always('storage.put', action);
  }

  it.each(lasting)('%s', async (_what, fault, step, code) => {
    const world = await faultWorld();
    injectAll(world, [fault]);
    const answer = await uploadThree(world);
    expect(answer).toMatchObject({ isError: true, errorCode: code });
    expect(answer.text).toContain(`failed at the step ${step}`);
    expectDiscreet(answer);
    expect(statusOfSessions(world)).toEqual([['failed', step]]);
    await expectSound(world);
  });
});

describe('a file that is not what it was when the session began ends it', () => {
  const changes: readonly [string, (path: string) => Promise<unknown>][] = [
    ['truncated', (path) => truncate(path, 100)],
    ['grown', (path) => appendFile(path, 'more')],
    ['written over', (path) => writeFile(path, 'x'.repeat(SIZE))],
    [
      'replaced by another of its size',
      async (path) => {
        await writeFile(`${path}.new`, 'y'.repeat(SIZE));
        await rename(`${path}.new`, path);
      },
    ],
  ];

  it.each(changes)('%s', async (_what, change) => {
    const world = await faultWorld();
    // Slow enough that the change falls into the transfer.
    injectAll(world, [{ on: 'storage.put', times: 3, do: { bytes_per_second: 5_000_000 } }]);
    let changed = false;
    const answer = await uploadThree(world, (folder) => {
      if (changed) return;
      changed = true;
      void change(join(folder, 'b.bin'));
    });
    expect(answer).toMatchObject({ isError: true, errorCode: 'source_changed' });
    expect(answer.text).toContain('b.bin failed at the step transfer');
    await expectSound(world);
  });

  it('unless it has only lost its name, for its bytes are there until the end', async () => {
    const world = await faultWorld();
    const answer = await uploadThree(world, (folder) => {
      void unlink(join(folder, 'b.bin')).catch(() => undefined);
    });
    const completed = !answer.isError;
    expect(completed || answer.errorCode === 'source_changed', answer.text).toBe(true);
    await expectSound(world);
  });
});
