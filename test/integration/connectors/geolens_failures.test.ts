import { describe, expect, it } from 'vitest';
import {
  type ServiceUploadFacts,
  ServiceUploadFailed,
} from '../../../src/connectors/service_upload_failed.ts';
import type {
  GeolensEmulatorOptions,
  GeolensFault,
} from '../../../src/sandbox/geolens/geolens_emulator.ts';
import { systemClock } from '../../../src/transfer/clock.ts';
import { csv, zipOf } from '../sandbox/geolens/geolens_fixture.ts';
import { type GeolensTestWorld, geolensWorld, SMALL_PARTS } from './geolens_world.ts';

const OFF: GeolensEmulatorOptions = { presignedUploads: false };
const FILE = { bytes: csv(6) };
const NOTHING = { kind: 'nothing' };
const PERHAPS_DONE = { kind: 'perhaps_done' };
const HOUR = 'within an hour';
const DAY = 'within a day';
const staged = (expires: string, what: RegExp = /./) => ({
  kind: 'staged',
  expires,
  what: expect.stringMatching(what),
});
const UNSURE = { ...staged(DAY, /of the file$/), reason: expect.stringMatching(/unknown/) };
const UPLOADED = { ...staged(DAY, /^The uploaded file$/), isWhole: true };

function failed(facts: Partial<ServiceUploadFacts> | Record<string, unknown>) {
  return expect.objectContaining({ name: 'ServiceUploadFailed', idOf: 'job', ...facts });
}

async function struck(
  fault: GeolensFault | readonly GeolensFault[],
  options: GeolensEmulatorOptions = {},
): Promise<GeolensTestWorld> {
  const world = await geolensWorld(options);
  for (const one of [fault].flat()) world.emulator.inject(one);
  return world;
}

/** Uploads in parts that are neither completed nor aborted. */
const open = ({ emulator }: GeolensTestWorld) =>
  emulator.state().multipart.filter(({ state }) => state === 'open').length;

describe('what passes is tried again', () => {
  it.each<[string, GeolensFault, GeolensEmulatorOptions]>([
    ['a part fails', { on: 'storage.put', do: { status: 500 }, times: 2 }, SMALL_PARTS],
    ['storage slows down', { on: 'storage.put', do: { status: 503 } }, SMALL_PARTS],
    ['a connection breaks', { on: 'storage.put', do: { cut_after_bytes: 3 } }, SMALL_PARTS],
    ['the answer to a part is lost', { on: 'storage.put', do: { lose_answer: true } }, SMALL_PARTS],
    ['a PUT fails', { on: 'storage.put', do: { status: 500 }, times: 2 }, {}],
    ['a PUT breaks off', { on: 'storage.put', do: { cut_after_bytes: 20 } }, {}],
    ['the config is late', { on: 'config', do: { status: 503 } }, {}],
    ['the preview is late', { on: 'preview', do: { status: 502 } }, {}],
    ['a look at the job is lost', { on: 'job', do: { lose_answer: true } }, {}],
  ])('where %s', async (_what, fault, options) => {
    const world = await struck(fault, options);
    const { seen } = await world.upload(FILE);
    expect(await world.emulator.datasetBytes(seen?.job?.dataset_id ?? '')).toEqual(FILE.bytes);
    expect(world.emulator.state()).toMatchObject({ commits: 1 });
    expect(world.emulator.state().faults_struck).toBeGreaterThan(0);
  });
});

describe('a form that breaks off', () => {
  it('before all of it was sent made no job, and is sent again', async () => {
    const world = await struck({ on: 'upload', do: { cut_after_bytes: 70_000 } }, OFF);
    const bytes = csv(300_000);
    const { seen } = await world.upload({ bytes });
    const arrived = await world.emulator.datasetBytes(seen?.job?.dataset_id ?? '');
    expect(arrived.equals(bytes)).toBe(true);
    expect(world.emulator.state().calls).toMatchObject({ upload: 2 });
    expect(world.emulator.state().jobs).toHaveLength(1);
  });
});

describe('an upload that fails while it is sent', () => {
  it.each<[string, GeolensFault, GeolensEmulatorOptions, object, object]>([
    [
      'a part is refused',
      { on: 'storage.put', do: { status: 400 }, times: 9 },
      SMALL_PARTS,
      { code: 'storage_refused' },
      NOTHING,
    ],
    [
      'the URL of a part has run out',
      { on: 'storage.put', do: { expire: true }, after: 2, times: 9 },
      SMALL_PARTS,
      { name: 'UrlWindowOver', bytesTotal: FILE.bytes.length },
      NOTHING,
    ],
    [
      'a PUT is refused',
      { on: 'storage.put', do: { status: 400 }, times: 9 },
      {},
      { code: 'storage_refused' },
      NOTHING,
    ],
    [
      'its connection keeps breaking',
      { on: 'storage.put', do: { cut_after_bytes: 5 }, times: 99 },
      SMALL_PARTS,
      { code: 'connection_lost' },
      NOTHING,
    ],
    [
      'the answer to the PUT is always lost',
      { on: 'storage.put', do: { lose_answer: true }, times: 9 },
      {},
      { code: 'connection_lost' },
      staged(HOUR, /may have arrived/),
    ],
  ])('where %s', async (_what, fault, options, cause, left) => {
    const world = await struck(fault, options);
    const failure = await world.failing(FILE);
    expect(failure).toEqual(failed({ step: 'send', target: 'places.csv', left }));
    expect(failure).toMatchObject({ cause });
    expect(open(world)).toBe(0);
    expect(world.emulator.state()).toMatchObject({ commits: 0, datasets: [] });
    expect(world.emulator.state().calls['complete'] ?? 0).toBe(options === SMALL_PARTS ? 1 : 0);
  });

  it('by a form, throws what the service said, as nothing was opened', async () => {
    const world = await struck({ on: 'upload', do: { status: 422, body: 'no such kind' } }, OFF);
    expect(await world.failing(FILE)).toMatchObject({ name: 'ServiceError', status: 422 });
  });

  it('by a form whose answer is lost, is not sent again: it may have made a job', async () => {
    const world = await struck({ on: 'upload', do: { lose_answer: true } }, OFF);
    expect(await world.failing(FILE)).toEqual(
      failed({ step: 'send', id: 'unknown', left: staged(DAY, /may have arrived/) }),
    );
    expect(world.emulator.state().calls).toMatchObject({ upload: 1 });
  });

  it('leaves its parts, and says why, where they cannot be aborted', async () => {
    const world = await struck(
      [
        { on: 'storage.put', do: { status: 400 }, times: 9 },
        { on: 'complete', do: { status: 503, body: 'down' }, times: 9 },
      ],
      SMALL_PARTS,
    );
    expect(await world.failing(FILE)).toMatchObject({
      left: { kind: 'staged', expires: DAY, reason: 'down' },
    });
    expect(open(world)).toBe(1);
    expect(world.noted).toEqual(['begin', 'leave']);
  });

  it.each([
    ['as a whole', {}, 1],
    // So many go at once before any is answered.
    ['in parts', SMALL_PARTS, 4],
  ])('begins no try %s after its URLs have run out', async (_how, options, most) => {
    const slow = () => new Date(Date.now() - 7_200_000);
    const world = await struck(
      { on: 'storage.put', do: { status: 503 }, times: 99 },
      { ...options, now: slow },
    );
    expect(await world.failing(FILE)).toMatchObject({ cause: { name: 'UrlWindowOver' } });
    // Storage's own clock, which is right, is heard of with its first answers.
    expect(world.emulator.state().faults_struck).toBeLessThanOrEqual(most);
  });

  it.each([
    ['in parts', SMALL_PARTS, NOTHING],
    ['as a whole', {}, NOTHING],
  ])('because it was cancelled %s leaves nothing', async (_how, options, left) => {
    const world = await struck(
      { on: 'storage.put', do: { stall_after_bytes: 4 }, times: 9 },
      options,
    );
    const cancel = new AbortController();
    const upload = world.failing({ ...FILE, act: { signal: cancel.signal } });
    await expect.poll(() => world.emulator.state().faults_struck).toBeGreaterThan(0);
    cancel.abort(new Error('the client cancelled'));
    const failure = await upload;
    expect(failure).toBeInstanceOf(ServiceUploadFailed);
    expect(failure).toMatchObject({ step: 'send', cause: { message: 'the client cancelled' } });
    expect(open(world)).toBe(0);
    if (options === SMALL_PARTS) expect(failure).toMatchObject({ left });
  });
});

describe('an upload that is cancelled while its URLs are signed', () => {
  it('is heard out, and aborted', async () => {
    const cancel = new AbortController();
    const signing = () => {
      if (opened?.emulator.state().calls['presigned'] === 1) cancel.abort(new Error('enough'));
      return new Date();
    };
    let opened: GeolensTestWorld | undefined;
    const world = await geolensWorld({ ...SMALL_PARTS, now: signing }, undefined, systemClock);
    opened = world;
    expect(await world.failing({ ...FILE, act: { signal: cancel.signal } })).toEqual(
      failed({ step: 'send', left: NOTHING }),
    );
    expect(world.emulator.state().multipart).toMatchObject([{ state: 'aborted' }]);
    expect(world.noted).toEqual(['begin', 'remove']);
  });
});

describe('an abort', () => {
  const REFUSED: GeolensFault = { on: 'storage.put', do: { status: 400 }, times: 9 };

  it('that meets an upload which was completed after all says that it is there', async () => {
    const world = await struck(
      [
        { on: 'complete', do: { lose_answer: true } },
        { on: 'complete', do: { status: 403 } },
      ],
      SMALL_PARTS,
    );
    expect(await world.failing(FILE)).toEqual(failed({ step: 'inspect', left: UPLOADED }));
    expect(world.emulator.state().jobs).toMatchObject([{ phase: 'uploaded' }]);
    expect(world.noted).toEqual(['begin', 'remove']);
  });

  it('that is refused, as the job ran out, does not say that nothing is left', async () => {
    const body = 'This job has already failed and cannot be completed. Start a new upload.';
    const world = await struck(
      [REFUSED, { on: 'complete', do: { status: 400, body } }],
      SMALL_PARTS,
    );
    expect(await world.failing(FILE)).toMatchObject({ left: staged(DAY, /parts/) });
    expect(open(world)).toBe(1);
    expect(world.noted).toEqual(['begin', 'remove']);
  });
});

describe('a completion', () => {
  it.each<[string, GeolensFault, number]>([
    ['fails in a way that heals', { on: 'complete', do: { freeze_fails: true }, times: 2 }, 3],
    ['loses its answer', { on: 'complete', do: { lose_answer: true } }, 2],
    ['is refused for now', { on: 'complete', do: { status: 502 }, times: 2 }, 3],
  ])('that %s is done in the end', async (_what, fault, calls) => {
    for (const options of [SMALL_PARTS, {}]) {
      const world = await struck(fault, options);
      expect((await world.upload(FILE)).seen?.end).toBe('done');
      expect(world.emulator.state().calls).toMatchObject({ complete: calls, commit: 1 });
    }
  });

  it.each<[string, GeolensFault, number, object]>([
    ['fails for good', { on: 'complete', do: { assembly_fails: true } }, 3, UNSURE],
    ['keeps failing', { on: 'complete', do: { freeze_fails: true }, times: 9 }, 3, UNSURE],
    ['is refused for its bytes', { on: 'complete', do: { status: 422 } }, 1, NOTHING],
    ['is refused for the quota', { on: 'complete', do: { status: 413 } }, 1, NOTHING],
    ['is refused at first', { on: 'complete', do: { status: 400, body: 'No file' } }, 2, NOTHING],
    [
      'was made before, though nobody of us asked',
      { on: 'complete', do: { status: 400, body: 'Upload already completed for this job' } },
      2,
      NOTHING,
    ],
  ])('that %s is a failure', async (_what, fault, calls, left) => {
    const world = await struck(fault, SMALL_PARTS);
    expect(await world.failing(FILE)).toEqual(failed({ step: 'inspect', left }));
    expect(world.emulator.state().calls['complete']).toBe(calls);
    expect(world.emulator.state()).toMatchObject({ commits: 0 });
    // Whether there is something to abort is for the next round to find out.
    expect(world.noted).toEqual(['begin', left === UNSURE ? 'leave' : 'remove']);
  });
});

describe('a preview', () => {
  const zip = zipOf({ 'roads.shp': '', 'roads.dbf': '', 'rivers.shp': '', 'rivers.dbf': '' });
  const layered = { bytes: zip, fileName: 'map.zip', contentType: 'application/zip' };

  it('of several layers of which none was named commits none', async () => {
    const world = await geolensWorld();
    const failure = await world.failing(layered);
    expect(failure).toEqual(failed({ step: 'inspect', left: UPLOADED }));
    const [job] = world.emulator.state().jobs;
    expect(failure).toMatchObject({
      cause: {
        name: 'LayerNotChosen',
        jobId: job?.id,
        layers: ['roads', 'rivers'],
        asked: undefined,
      },
    });
    expect(job).toMatchObject({ phase: 'uploaded', tasks_queued: 0 });
  });

  it('without the layer that was named commits none', async () => {
    const world = await geolensWorld();
    expect(await world.failing({ ...layered, terms: { layer_name: 'lakes' } })).toMatchObject({
      cause: { name: 'LayerNotChosen', asked: 'lakes' },
    });
    expect(world.emulator.state().commits).toBe(0);
  });

  it('is of the layer that was named', async () => {
    const world = await geolensWorld();
    const { preview } = await world.upload({ ...layered, terms: { layer_name: 'rivers' } });
    expect(preview).toMatchObject({ layer_name: 'rivers' });
    expect(world.emulator.state().jobs).toMatchObject([{ metadata: { layer_name: 'rivers' } }]);
  });

  it('that cannot be made keeps the file, and commits nothing', async () => {
    const world = await geolensWorld();
    const file = { bytes: Buffer.from('{'), fileName: 'broken.geojson' };
    expect(await world.failing(file)).toEqual(failed({ step: 'inspect', left: UPLOADED }));
    expect(world.emulator.state().commits).toBe(0);
  });
});

describe('a commit', () => {
  it.each<[string, GeolensFault]>([
    ['whose answer is lost is proved by its job', { on: 'commit', do: { lose_answer: true } }],
    [
      'that a worker has begun on already is done',
      { on: 'commit', do: { status: 400, body: 'Job already processed' } },
    ],
  ])('%s', async (_what, fault) => {
    const world = await struck(fault, { jobSteps: 4 });
    const { seen } = await world.upload({ ...FILE, wait: 'lose_answer' in fault.do });
    const lost = 'lose_answer' in fault.do;
    expect(seen?.end).toBe(lost ? 'done' : undefined);
    expect(world.emulator.state().calls).toMatchObject({ commit: 1 });
    expect(world.emulator.state().commits).toBe(lost ? 1 : 0);
  });

  it.each<[string, GeolensFault, object, object]>([
    [
      'of which nothing shows is perhaps done',
      { on: 'commit', do: { status: 504 } },
      { status: 504 },
      PERHAPS_DONE,
    ],
    [
      'that is refused keeps the file',
      { on: 'commit', do: { status: 403 } },
      { kind: 'forbidden' },
      UPLOADED,
    ],
    [
      'of a bad field keeps the file',
      { on: 'commit', do: { status: 422 } },
      { kind: 'invalid_input' },
      UPLOADED,
    ],
  ])('%s, and is not asked twice', async (_what, fault, cause, left) => {
    const world = await struck(fault, SMALL_PARTS);
    const failure = await world.failing(FILE);
    expect(failure).toEqual(failed({ step: 'finish', left }));
    expect(failure).toMatchObject({ cause });
    expect(world.emulator.state().calls).toMatchObject({ commit: 1, complete: 1 });
    expect(world.noted).toEqual(['begin', 'finishing', 'remove']);
  });

  it.each<[string, GeolensFault, boolean, RegExp]>([
    ['cannot be queued', { on: 'commit', do: { queue_down: true } }, false, /queued/],
    ['fails at work', { on: 'commit', do: { job_fails: 'no CRS' } }, true, /^no CRS$/],
    ['fails at the first look', { on: 'job', do: { job_fails: 'disk full' } }, true, /^disk full$/],
  ])('that %s is told with what the job said', async (_what, fault, canRetry, detail) => {
    const world = await struck(fault);
    expect(await world.failing(FILE)).toMatchObject({
      name: 'ImportFailed',
      status: 'failed',
      canRetry,
      detail: expect.stringMatching(detail),
    });
    expect(world.emulator.state().calls).toMatchObject({ commit: 1 });
  });

  it('that is cancelled while its dataset is waited for goes on', async () => {
    const cancel = new AbortController();
    const world = await geolensWorld({ jobSteps: 1_000_000 });
    const onProgress: (step: { message: string }) => void = ({ message }) => {
      if (message.startsWith('GeoLens makes')) cancel.abort(new Error('the client cancelled'));
    };
    expect(await world.failing({ ...FILE, act: { signal: cancel.signal, onProgress } })).toEqual(
      failed({ step: 'finish', left: { kind: 'goes_on' } }),
    );
    expect(world.emulator.state().commits).toBe(1);
  });

  it('is not made by a process that was taken for gone', async () => {
    const world = await geolensWorld();
    const failure = await world.failing({ ...FILE, act: { mayFinish: async () => false } });
    expect(failure).toMatchObject({ cause: { name: 'SessionTakenOver' }, left: staged(DAY) });
    expect(world.emulator.state().commits).toBe(0);
  });
});

describe('the notes of an upload', () => {
  it.each<[string, GeolensEmulatorOptions, GeolensFault | undefined, readonly string[]]>([
    ['in parts end with its commit', SMALL_PARTS, undefined, ['begin', 'finishing', 'remove']],
    [
      'in parts end with its abort',
      SMALL_PARTS,
      { on: 'storage.put', do: { status: 400 }, times: 9 },
      ['begin', 'remove'],
    ],
    ['in one PUT are none', {}, undefined, []],
    ['by a form are none', OFF, undefined, []],
  ])('%s', async (_how, options, fault, noted) => {
    const world = await struck(fault ?? [], options);
    await world.upload(FILE).catch(() => undefined);
    expect(world.noted).toEqual(noted);
    const [upload] = world.uploads;
    if (upload === undefined) return;
    expect(upload).toMatchObject({ service: 'geolens', flow: 'geolens_job' });
    expect(upload.id).toBe(world.emulator.state().jobs[0]?.id);
    expect(Date.parse(upload.expiresAt ?? '')).toBeGreaterThan(Date.now());
  });
});
