import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SessionTakenOver } from '../../../src/connectors/session_taken_over.ts';
import type { Act } from '../../../src/transfer/act.ts';
import { createTransferEngine } from '../../../src/transfer/engine.ts';
import { openSourceFile } from '../../../src/transfer/files/source_file.ts';
import type { SessionEntry } from '../../../src/workflows/session_journal.ts';
import { uploadSession } from '../../../src/workflows/upload_session.ts';
import { workflowWorld } from './workflow_world.ts';

let folder: string;
let storage: Server;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'upload-session-'));
  await writeFile(join(folder, 'a.tif'), 'bytes');
  storage = createServer((request, response) => request.resume().on('end', () => response.end()));
  storage.listen(0, '127.0.0.1');
  await once(storage, 'listening');
});

afterEach(async () => {
  storage.closeAllConnections();
  storage.close();
  await rm(folder, { recursive: true });
});

/** One upload of a file; what it threw, and the operations that it called. */
async function upload(mayComplete: SessionEntry['mayComplete'], more: Partial<Act> = {}) {
  const address = storage.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const answers: Readonly<Record<string, unknown>> = {
    'uploads.initiate': { id: 'u_1' },
    'uploads.signed_url': {
      upload_url: `http://127.0.0.1:${address.port}/a.tif`,
      object_path: 'a.tif',
    },
  };
  const { act, context, geopera } = workflowWorld({ call: async (id) => answers[id] ?? {} });
  const entry: SessionEntry = {
    intend: async () => undefined,
    note: async () => undefined,
    mayComplete,
    remove: async () => undefined,
    leave: async () => true,
  };
  const open = () => openSourceFile(join(folder, 'a.tif'));
  const request = {
    projectId: 'p',
    files: [{ fileName: 'a.tif', contentType: 'image/tiff', open }],
  };
  const engine = createTransferEngine();
  const sessions = { begin: async () => entry };
  const failure = await uploadSession(
    request,
    { ...act, ...more },
    { ...context, engine, sessions },
  ).then(
    () => undefined,
    (error: unknown) => error,
  );
  return { failure, ids: geopera.calls.map(({ id }) => id) };
}

describe('an upload whose files are sent', () => {
  it('is completed while it is its own', async () => {
    const { failure, ids } = await upload(async () => true, { mayFinish: async () => true });
    expect(failure).toBeUndefined();
    expect(ids).toContain('uploads.complete');
  });

  it.each<[string, boolean, boolean]>([
    ['its session was claimed', true, false],
    ['its caller was told that it is lost', false, true],
  ])('is released instead of completed where %s', async (_why, mayFinish, mayComplete) => {
    const { failure, ids } = await upload(async () => mayComplete, {
      mayFinish: async () => mayFinish,
    });
    expect(failure).toMatchObject({
      name: 'UploadFailed',
      step: 'transfer',
      cause: expect.any(SessionTakenOver),
      reservation: { state: 'released' },
    });
    expect(ids).not.toContain('uploads.complete');
    expect(ids.at(-1)).toBe('uploads.fail');
  });
});
