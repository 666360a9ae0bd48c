import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Fault } from '../../../src/sandbox/sandbox.ts';
import {
  type Answer,
  uploadFacts,
  type World,
  type WorldOptions,
} from '../../integration/world.ts';
import { writeBytes } from '../../scene.ts';
import {
  expectDiscreet,
  expectNoRemains,
  expectSound,
  faultWorld,
  injectAll,
} from './fault_world.ts';

const ALWAYS = 1000;
type Action = Fault['do'];

/** How an object is fetched: the slow line of the sandbox makes more than one stream worth it. */
interface Way {
  readonly by: string;
  readonly bytes: number;
  readonly limits: WorldOptions['limits'];
  readonly line: readonly Fault[];
  /** Requests before the one that meets trouble. */
  readonly after: number;
  readonly leastRequests: number;
}

const WAYS: readonly Way[] = [
  { by: 'one stream', bytes: 400_000, limits: {}, line: [], after: 0, leastRequests: 1 },
  {
    by: 'ranges',
    bytes: 1_500_000,
    limits: { moreStreamsFromBytes: 50_000, leastRangeBytes: 50_000 },
    line: [{ on: 'storage.get', times: ALWAYS, do: { bytes_per_second: 2_000_000 } }],
    after: 2,
    leastRequests: 3,
  },
];

interface Fetched extends World {
  readonly bytes: Buffer;
  readonly path: string;
  download(): Promise<Answer>;
}

async function uploaded({ bytes, limits }: Way, options: WorldOptions = {}): Promise<Fetched> {
  const world = await faultWorld({
    ...options,
    limits: { ...limits, ...options.limits },
    watchLoad: () => () => 0,
  });
  const source = await writeBytes(world.folder, 'scene.bin', bytes);
  const args = { path: source, project_id: world.sandbox.projectId };
  const [itemId = ''] = uploadFacts.parse(
    (await world.call('upload_local_file', args)).facts,
  ).item_ids;
  const path = join(world.folder, 'back.bin');
  return {
    ...world,
    bytes: await readFile(source),
    path,
    download: () =>
      world.call('download_asset_to_path', { item_id: itemId, asset_id: 'data', path }),
  };
}

describe.each(WAYS)('a download in $by', (way) => {
  const half = Math.floor(way.bytes / 8);
  const passing: readonly [string, Action][] = [
    ['a reset before a byte', { cut_after_bytes: 0 }],
    ['a reset after one byte', { cut_after_bytes: 1 }],
    ['a reset half-way', { cut_after_bytes: half }],
    ['a body that ends early and looks whole', { truncate_to_bytes: half }],
    ['expiry', { expire: true }],
    ['500', { status: 500 }],
    ['502', { status: 502 }],
    ['503 with a wait', { status: 503, retry_after: 1 }],
    ['429 with a wait', { status: 429, retry_after: 1 }],
    ['a whole object for an answer', { ignore_range: true }],
  ];

  it.each(passing)('gets over %s', async (_what, action) => {
    const world = await uploaded(way);
    injectAll(world, [{ on: 'storage.get', after: way.after, do: action }, ...way.line]);
    const answer = await world.download();
    expect(answer.isError, answer.text).toBe(false);
    expect(world.sandbox.state().faults_struck).toBeGreaterThanOrEqual(way.leastRequests);
    await expectSound(world, { [world.path]: world.bytes });
    await expectNoRemains(world);
  });

  it('gets over silence', async () => {
    const world = await uploaded(way, { limits: { downloadStallMs: 700 } });
    const silent: Fault = {
      on: 'storage.get',
      after: way.after,
      do: { stall_after_bytes: half },
    };
    injectAll(world, [silent, ...way.line]);
    const answer = await world.download();
    expect(answer.isError, answer.text).toBe(false);
    await expectSound(world, { [world.path]: world.bytes });
    await expectNoRemains(world);
  });

  it('is not taken for silent while it drips', async () => {
    const world = await uploaded(way, { limits: { downloadStallMs: 700 } });
    const drip = { bytes_per_second: way.bytes };
    injectAll(world, [{ on: 'storage.get', times: ALWAYS, do: drip }]);
    const answer = await world.download();
    expect(answer.isError, answer.text).toBe(false);
    await expectSound(world, { [world.path]: world.bytes });
  });

  const lasting: readonly [string, Fault, string][] = [
    ['resets', always('storage.get', { cut_after_bytes: 1000 }), 'connection_lost'],
    ['500', always('storage.get', { status: 500 }), 'storage_unavailable'],
    ['503', always('storage.get', { status: 503 }), 'storage_unavailable'],
    ['404', always('storage.get', { status: 404 }), 'storage_refused'],
    ['expiry', always('storage.get', { expire: true }), 'url_expired'],
    [
      'a circle of redirects',
      always('storage.get', { status: 302, headers: { Location: '?again' } }),
      'redirect_refused',
    ],
  ];

  function always(on: string, action: Action): Fault {
    return { on, after: way.after, times: ALWAYS, do: action };
  }

  it.each(lasting)('is ended by %s, and by the same call it goes on', async (what, fault, code) => {
    const world = await uploaded(way);
    const { egress_bytes: before } = world.sandbox.state();
    // The streams that are not struck get nothing done either.
    const held: readonly Fault[] =
      way.after === 0
        ? []
        : [{ on: 'storage.get', times: way.after, do: { cut_after_bytes: way.bytes / 4 } }];
    injectAll(world, [...held, { ...fault, after: 0 }]);
    const failed = await world.download();
    expect(failed, what).toMatchObject({ isError: true, errorCode: code });
    expect(failed.text).toContain('The transfer failed');
    expectDiscreet(failed);
    await expectSound(world, { [world.path]: undefined });

    await fetch(`${world.sandbox.url}/sandbox/faults`, {
      method: 'DELETE',
      headers: { Authorization: `Bearer ${world.sandbox.token}` },
    });
    const hidden = (await world.files()).filter((name) => name.startsWith('.'));
    expect(failed.text.includes('goes on from there')).toBe(hidden.length > 0);
    const again = await world.download();
    expect(again.isError, again.text).toBe(false);
    const { resumed_bytes: resumed = 0 } = z
      .object({ resumed_bytes: z.number().optional() })
      .parse(again.facts);
    expect(resumed > 0).toBe(hidden.length > 0);
    expect(world.sandbox.state().egress_bytes - before).toBeGreaterThanOrEqual(way.bytes);
    await expectSound(world, { [world.path]: world.bytes });
    await expectNoRemains(world);
  });

  it.each(['checksum', 'length'] as const)(
    'is refused where storage states another %s than its catalogue',
    async (lie) => {
      const world = await uploaded(way);
      injectAll(world, [{ on: 'storage.get', times: ALWAYS, do: { lie } }]);
      const failed = await world.download();
      expect(failed).toMatchObject({ isError: true, errorCode: `${lie}_mismatch` });
      await expectSound(world, { [world.path]: undefined });
      await expectNoRemains(world);
    },
  );

  it('never mixes an object with the one that takes its place', async () => {
    const world = await uploaded(way);
    // Without the catalogue's checksum, storage alone can tell.
    injectAll(world, [
      { on: 'items.list_assets', do: { status: 500 } },
      ...(way.after === 0 ? [{ on: 'storage.get', do: { cut_after_bytes: half } } as const] : []),
      { on: 'storage.get', after: way.after, do: { replace_object: true } },
      ...way.line,
    ]);
    const answer = await world.download();
    expect(answer.isError, answer.text).toBe(false);
    const other = Buffer.from(world.bytes.map((byte) => byte ^ 0xff));
    await expectSound(world, { [world.path]: other });
    await expectNoRemains(world);
  });

  it('of an object that was replaced since it was catalogued is refused', async () => {
    const world = await uploaded(way);
    injectAll(world, [{ on: 'storage.get', do: { replace_object: true } }, ...way.line]);
    const failed = await world.download();
    expect(failed).toMatchObject({ isError: true, errorCode: 'checksum_mismatch' });
    await expectSound(world, { [world.path]: undefined });
    await expectNoRemains(world);
  });
});
