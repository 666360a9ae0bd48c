import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FaultQueue } from '../fault_queue.ts';
import { type HttpServer, listen } from '../http_server.ts';
import { ByteFolder } from '../s3/byte_folder.ts';
import type { S3Access } from '../s3/s3_access.ts';
import { S3Client } from '../s3/s3_client.ts';
import { serveS3 } from '../s3/s3_face.ts';
import { S3Store } from '../s3/s3_store.ts';
import { newCredentials } from './callers.ts';
import {
  type GeolensFault,
  type GeolensFaultAction,
  geolensFaultSchema,
  storageFault,
} from './geolens_faults.ts';
import { geolensSettingsSchema } from './geolens_settings.ts';
import type { GeolensWorld } from './geolens_world.ts';
import { newJob } from './ingest_job.ts';
import { route } from './routes.ts';
import { type GeolensState, reportState } from './state_report.ts';

export type { GeolensFault } from './geolens_faults.ts';
export type { GeolensState } from './state_report.ts';

export interface GeolensEmulatorOptions {
  /** Of the API; 0, the default, takes any free one. */
  readonly port?: number;
  /** Clock for signing, expiry and jobs. Not to be held still beside a storage of somebody else's. */
  readonly now?: () => Date;
  /** False for an instance without S3, which takes files by a form alone; true if absent. */
  readonly presignedUploads?: boolean;
  /** Above it an upload goes in parts; 100 MiB if absent. */
  readonly thresholdBytes?: number;
  /** 10 MiB if absent. With smaller ones the minimum of S3 is off, unless `minPartBytes` says it. */
  readonly partBytes?: number;
  /** What a part before the last must have, or assembly fails; 5 MiB if absent. */
  readonly minPartBytes?: number;
  /** 500 MiB if absent. */
  readonly maxFileBytes?: number;
  /** With their dots; those of GeoLens 1.14.2 if absent. */
  readonly allowedExtensions?: readonly string[];
  /** No limit if null or 0. */
  readonly datasetQuota?: number | null;
  readonly storageQuotaBytes?: number | null;
  /** Life of URLs, and of a job that was never completed; 3600 if absent. */
  readonly jobSeconds?: number;
  /** How URLs are signed: `v2`, the default, as for us-east-1, or `v4` as for other regions. */
  readonly signatures?: 'v2' | 'v4';
  /** How many looks take a committed job to its end; 3 if absent. */
  readonly jobSteps?: number;
  /** A storage of somebody else's in place of the embedded one. */
  readonly storage?: S3Access;
}

/** A running GeoLens instance with its object storage, acted out on loopback. */
export interface GeolensEmulator {
  /** Address of the instance; its API is below `/api`. */
  readonly instance: string;
  readonly storageUrl: string;
  readonly apiKey: string;
  readonly readOnlyKey: string;
  /** A Bearer token. */
  readonly token: string;
  /** @throws ZodError if the fault is not one */
  inject(fault: GeolensFault): void;
  clearFaults(): void;
  state(): GeolensState;
  /** The bytes that a dataset was made of. @throws Error if there is no such dataset */
  datasetBytes(id: string): Promise<Buffer>;
  /** Ends open connections and removes all bytes. */
  close(): Promise<void>;
}

/** @throws ZodError for an option out of bounds; PortError */
export async function startGeolensEmulator(
  options: GeolensEmulatorOptions = {},
): Promise<GeolensEmulator> {
  const settings = geolensSettingsSchema.parse(options);
  const faults = new FaultQueue<GeolensFaultAction>(geolensFaultSchema);
  const api = await listen(options.port ?? 0);
  const folder = await mkdtemp(join(tmpdir(), 'geolens-emulator-'));
  const ended = new AbortController();
  let credentialsAtStorage = 0;
  const { now, minPartBytes } = settings;
  const storage =
    options.storage === undefined
      ? await embeddedStorage(join(folder, 'objects'), minPartBytes, (access, store) => ({
          access,
          store,
          now,
          takeFault: () => storageFault(faults.take('storage.put')),
          onCredential: () => {
            credentialsAtStorage += 1;
          },
        }))
      : { access: options.storage };
  const { signatures } = settings;
  const world: GeolensWorld = {
    settings,
    faults,
    folder,
    s3: new S3Client(storage.access, { signatures, now, signal: ended.signal }),
    jobs: new Map(),
    datasets: [],
    calls: new Map(),
  };
  const foreign = newJob({ owner: 'somebody else', filename: 'theirs.csv', at: now() });
  world.jobs.set(foreign.id, foreign);
  const credentials = newCredentials();
  api.serve((request, response) => route(world, credentials, request, response));
  return {
    instance: api.origin,
    storageUrl: storage.access.endpoint,
    ...credentials,
    inject: (fault) => faults.inject(fault),
    clearFaults: () => faults.clear(),
    state: () =>
      reportState(world, foreign, {
        credentialsAtStorage,
        store: 'store' in storage ? storage.store : undefined,
      }),
    datasetBytes: (id) => datasetBytes(world, id),
    close: async () => {
      ended.abort();
      await api.close();
      if ('server' in storage) await storage.server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

interface EmbeddedStorage {
  readonly access: S3Access;
  readonly store: S3Store;
  readonly server: HttpServer;
}

/** A storage with a bucket, and with keys that nobody else has. */
async function embeddedStorage(
  folder: string,
  minPartBytes: number,
  worldOf: (access: S3Access, store: S3Store) => Parameters<typeof serveS3>[0],
): Promise<EmbeddedStorage> {
  await mkdir(folder, { mode: 0o700 });
  const server = await listen(0);
  const access = {
    endpoint: server.origin,
    bucket: 'geolens',
    region: 'us-east-1',
    accessKeyId: `EMULATOR${randomBytes(6).toString('hex').toUpperCase()}`,
    secretAccessKey: randomBytes(30).toString('base64'),
  };
  const store = new S3Store(new ByteFolder(folder), minPartBytes);
  const world = worldOf(access, store);
  server.serve((request, response) => serveS3(world, request, response));
  return { access, store, server };
}

async function datasetBytes({ datasets }: GeolensWorld, id: string): Promise<Buffer> {
  const dataset = datasets.find((candidate) => candidate.id === id);
  if (!dataset) throw new Error(`There is no dataset ${id}.`);
  return readFile(dataset.path);
}
