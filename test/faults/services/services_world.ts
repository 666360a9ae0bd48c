import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import {
  type GeolensEmulator,
  type GeolensEmulatorOptions,
  startGeolensEmulator,
} from '../../../src/sandbox/geolens/geolens_emulator.ts';
import {
  type OpteryxEmulator,
  type OpteryxEmulatorOptions,
  startOpteryxEmulator,
} from '../../../src/sandbox/opteryx/opteryx_emulator.ts';
import {
  type Answer,
  type CallOptions,
  startWorld,
  type World,
  type WorldOptions,
} from '../../integration/world.ts';

export interface ServicesOptions {
  readonly opteryx?: OpteryxEmulatorOptions;
  readonly geolens?: GeolensEmulatorOptions;
  readonly api?: 'v1' | 'v2' | 'auto';
  readonly world?: WorldOptions;
}

/** A server with both services, which a real client calls. */
export interface ServicesWorld extends Pick<World, 'call' | 'folder' | 'client'> {
  readonly opteryx: OpteryxEmulator;
  readonly geolens: GeolensEmulator;
  /** Writes a file into the allowed folder and answers its path. */
  file(name: string, content: string | Uint8Array): Promise<string>;
  /** Sends a table to acme.port.ships. */
  toOpteryx(path: string, more?: object, options?: CallOptions): Promise<Answer>;
  toGeolens(path: string, more?: object, options?: CallOptions): Promise<Answer>;
}

/** Parts of 1 KiB, so that a small file has several. */
const SMALL_PARTS: GeolensEmulatorOptions = {
  thresholdBytes: 1024,
  partBytes: 1024,
  minPartBytes: 0,
  jobSteps: 2,
};

export async function startServicesWorld(options: ServicesOptions = {}): Promise<ServicesWorld> {
  const opteryx = await startOpteryxEmulator(options.opteryx);
  const geolens = await startGeolensEmulator({ ...SMALL_PARTS, ...options.geolens });
  const world = await startWorld({
    ...options.world,
    config: {
      opteryxClientId: opteryx.clientId,
      opteryxClientSecret: opteryx.clientSecret,
      opteryxUploadUrl: opteryx.uploadUrl,
      opteryxAuthUrl: opteryx.authUrl,
      opteryxApi: options.api ?? 'v1',
      geolensInstance: geolens.instance,
      geolensApiKey: geolens.apiKey,
      ...options.world?.config,
    },
  });
  onTestFinished(async () => {
    await world.close();
    await Promise.all([opteryx.close(), geolens.close()]);
  });
  const target = { workspace: 'acme', collection: 'port', dataset: 'ships' };
  return {
    ...world,
    opteryx,
    geolens,
    async file(name, content) {
      const path = join(world.folder, name);
      await writeFile(path, content);
      return path;
    },
    toOpteryx: (path, more, callOptions) =>
      world.call('opteryx_upload_file', { path, ...target, ...more }, callOptions),
    toGeolens: (path, more, callOptions) =>
      world.call('geolens_upload_file', { path, ...more }, callOptions),
  };
}

/** A table of ships in the harbour. */
export function ships(rows: number): string {
  const lines = Array.from(
    { length: rows },
    (_, row) => `${row},"Ship, ${row}",${(row % 90) / 10}`,
  );
  return `id,name,draught\n${lines.join('\n')}\n`;
}
