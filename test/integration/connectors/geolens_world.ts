import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import type { CommitTerms } from '../../../src/connectors/geolens/commit_fields.ts';
import { geolensService } from '../../../src/connectors/geolens/geolens_service.ts';
import {
  type GeolensUploadOutcome,
  geolensUpload,
} from '../../../src/connectors/geolens/geolens_upload.ts';
import type { StagedUpload, StagingJournal } from '../../../src/connectors/staging_journal.ts';
import {
  type GeolensEmulator,
  type GeolensEmulatorOptions,
  startGeolensEmulator,
} from '../../../src/sandbox/geolens/geolens_emulator.ts';
import type { Act, Progress } from '../../../src/transfer/act.ts';
import { type Clock, createTransferEngine } from '../../../src/transfer/engine.ts';
import { openSourceFile } from '../../../src/transfer/files/source_file.ts';
import { createConnections } from '../../../src/transfer/http/undici_agents.ts';

export interface FileToBring {
  readonly bytes: Uint8Array;
  readonly fileName?: string;
  readonly contentType?: string;
  readonly terms?: Partial<CommitTerms>;
  readonly wait?: boolean;
  readonly act?: Partial<Act>;
}

/** An emulator, and uploads to it by the connector alone. */
export interface GeolensTestWorld {
  readonly emulator: GeolensEmulator;
  /** What was noted of uploads, in order. */
  readonly noted: readonly string[];
  readonly uploads: readonly StagedUpload[];
  readonly progress: readonly Progress[];
  upload(file: FileToBring): Promise<GeolensUploadOutcome>;
  /** The error of an upload that must fail. */
  failing(file: FileToBring): Promise<unknown>;
}

/** Waits pass at once, so that polls and backoffs cost a test no time. */
const hurried: Clock = {
  now: () => Date.now(),
  wait: async (_ms, signal) => {
    await new Promise(setImmediate);
    signal.throwIfAborted();
  },
};

/** So small that a few bytes are several parts. */
export const SMALL_PARTS = { thresholdBytes: 10, partBytes: 8 };

const ending: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const end of ending.splice(0).reverse()) await end();
});

export async function geolensWorld(
  options: GeolensEmulatorOptions = {},
  secretsOf: (emulator: GeolensEmulator) => { apiKey?: string; token?: string } = ({ apiKey }) => ({
    apiKey,
  }),
  clock: Clock = hurried,
): Promise<GeolensTestWorld> {
  const emulator = await startGeolensEmulator(options);
  ending.push(() => emulator.close());
  const folder = await mkdtemp(join(tmpdir(), 'geolens-connector-'));
  ending.push(() => rm(folder, { recursive: true, force: true }));
  const engine = createTransferEngine({ clock, random: () => 0 });
  ending.push(() => engine.close());
  const connections = createConnections(5_000);
  ending.push(() => connections.close());
  const { journal, noted, uploads } = notes();
  const service = geolensService(
    { instance: emulator.instance, ...secretsOf(emulator) },
    { dispatcher: () => connections.open('shared'), journal: () => journal, now: Date.now },
  );
  const progress: Progress[] = [];
  let files = 0;
  async function upload(file: FileToBring): Promise<GeolensUploadOutcome> {
    files += 1;
    const path = join(folder, `file-${files}`);
    await writeFile(path, file.bytes);
    const { fileName = 'places.csv', contentType = 'text/csv', terms, wait = true } = file;
    const request = {
      fileName,
      contentType,
      wait,
      terms: { title: 'Places', visibility: 'private' as const, ...terms },
      open: () => openSourceFile(path),
    };
    const act = { signal: new AbortController().signal, ...file.act };
    const onProgress = (step: Progress) => {
      progress.push(step);
      file.act?.onProgress?.(step);
    };
    return geolensUpload(request, { ...act, onProgress }, service, engine);
  }
  return {
    emulator,
    noted,
    uploads,
    progress,
    upload,
    failing: (file) =>
      upload(file).then(
        () => Promise.reject(new Error('it did not fail')),
        (failure: unknown) => failure,
      ),
  };
}

function notes() {
  const noted: string[] = [];
  const uploads: StagedUpload[] = [];
  const note = (what: string) => async () => {
    noted.push(what);
  };
  const journal: StagingJournal = {
    async begin(upload) {
      uploads.push(upload);
      noted.push('begin');
      return { finishing: note('finishing'), remove: note('remove'), leave: note('leave') };
    },
  };
  return { journal, noted, uploads };
}
