import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent } from 'undici';
import {
  type OpteryxService,
  type OpteryxSettings,
  opteryxService,
} from '../../../src/connectors/opteryx/opteryx_service.ts';
import type { SessionTerms } from '../../../src/connectors/opteryx/opteryx_sessions.ts';
import { sessionUpload } from '../../../src/connectors/opteryx/session_upload.ts';
import type { StagedUpload } from '../../../src/connectors/staging_journal.ts';
import {
  type OpteryxEmulator,
  type OpteryxEmulatorOptions,
  startOpteryxEmulator,
} from '../../../src/sandbox/opteryx/opteryx_emulator.ts';
import type { Act, Progress } from '../../../src/transfer/act.ts';
import { createTransferEngine, type TransferEngine } from '../../../src/transfer/engine.ts';
import { openSourceFile } from '../../../src/transfer/files/source_file.ts';
import type { UploadSource } from '../../../src/transfer/sources/upload_source.ts';

export interface UploadWorldOptions {
  readonly emulator?: OpteryxEmulatorOptions;
  readonly settings?: Partial<OpteryxSettings>;
}

export interface UploadWorld {
  readonly emulator: OpteryxEmulator;
  readonly service: OpteryxService;
  readonly engine: TransferEngine;
  /** What was noted of uploads, in order: `begin s_1`, `finishing s_1`, `remove s_1`. */
  readonly noted: string[];
  /** Moves the clock of the emulator and of this side. */
  pass(seconds: number): void;
  /** Writes a file and answers its path. */
  file(name: string, content: string | Uint8Array): Promise<string>;
  close(): Promise<void>;
}

const TARGET = { workspace: 'acme', collection: 'port', dataset: 'ships' };
export const TABLE = 'acme.port.ships';

/** An emulated service, and a connection to it as it is configured; all waits pass at once. */
export async function startUploadWorld(options: UploadWorldOptions = {}): Promise<UploadWorld> {
  let passed = 0;
  const now = () => Date.now() + passed;
  const emulator = await startOpteryxEmulator({ now: () => new Date(now()), ...options.emulator });
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'geopera-opteryx-')));
  const dispatcher = new Agent();
  const engine = createTransferEngine({
    clock: {
      now,
      async wait(_ms, signal) {
        await new Promise(setImmediate);
        signal.throwIfAborted();
      },
    },
  });
  const noted: string[] = [];
  const journal = {
    async begin({ id }: StagedUpload) {
      const note = (what: string) => async () => void noted.push(`${what} ${id}`);
      await note('begin')();
      return { finishing: note('finishing'), remove: note('remove'), leave: note('leave') };
    },
  };
  const { uploadUrl, authUrl, clientId, clientSecret } = emulator;
  const service = opteryxService(
    { uploadUrl, authUrl, clientId, clientSecret, api: 'v1', ...options.settings },
    { dispatcher: async () => dispatcher, journal: () => journal, now },
  );
  return {
    emulator,
    service,
    engine,
    noted,
    pass(seconds) {
      passed += seconds * 1000;
    },
    async file(name, content) {
      const path = join(folder, name);
      await writeFile(path, content);
      return path;
    },
    async close() {
      await engine.close();
      await dispatcher.close();
      await emulator.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A file as it is sent. */
export interface NamedSource {
  readonly fileName: string;
  open(): Promise<UploadSource>;
}

export const fromDisk = (path: string): NamedSource => ({
  fileName: path.slice(path.lastIndexOf('/') + 1),
  open: () => openSourceFile(path),
});

/** Sends files as one session. */
export function send(
  { service, engine }: UploadWorld,
  tables: readonly NamedSource[],
  terms: Partial<SessionTerms> = {},
  act: Partial<Act> = {},
) {
  const steps: Progress[] = [];
  const all = {
    signal: new AbortController().signal,
    onProgress: (step: Progress) => void steps.push(step),
    ...act,
  };
  const request = { target: TARGET, conflictResolution: 'fail' as const, tables, ...terms };
  return { steps, done: sessionUpload(request, all, service, engine) };
}

/** A CSV with a quoted newline in each row, in which random digits hardly compress. */
export function csv(rows: number, columns = 'id,name,note'): string {
  const lines = Array.from({ length: rows }, (_, id) => `${id},"ship ${id}\nof ""us""",n${id % 7}`);
  return `${columns}\n${lines.join('\n')}\n`;
}
