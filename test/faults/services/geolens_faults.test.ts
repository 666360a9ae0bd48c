import { describe, expect, it } from 'vitest';
import type { GeolensEmulatorOptions } from '../../../src/sandbox/geolens/geolens_emulator.ts';
import type { GeolensFault } from '../../../src/sandbox/geolens/geolens_faults.ts';
import { type ServicesWorld, ships, startServicesWorld } from './services_world.ts';

const status = (code: number, body = `refused with ${code}`) => ({ status: code, body }) as const;

/** No multipart upload is open, and nobody's credentials came to the storage. */
function expectNothingOpen({ geolens }: ServicesWorld): void {
  const { multipart, credentials_seen_by_storage } = geolens.state();
  expect(multipart.filter(({ state }) => state === 'open')).toEqual([]);
  expect(credentials_seen_by_storage).toBe(0);
}

interface Row {
  readonly fault: GeolensFault;
  readonly emulator?: GeolensEmulatorOptions;
  readonly code: string;
  readonly words: RegExp;
  readonly commits?: number;
}

const FAILURES: Readonly<Record<string, Row>> = {
  'a part fails, each time': {
    fault: { on: 'storage.put', times: 99, do: status(500) },
    code: 'storage_unavailable',
    words: /failed while it was sent/,
  },
  'a part is cut off, each time': {
    fault: { on: 'storage.put', times: 99, do: { cut_after_bytes: 10 } },
    code: 'connection_lost',
    words: /failed while it was sent/,
  },
  'the URLs run out': {
    fault: { on: 'storage.put', after: 2, times: 99, do: { expire: true } },
    emulator: { jobSeconds: 60 },
    code: 'url_window_over',
    words: /failed while it was sent/,
  },
  'there is no room': {
    fault: { on: 'presigned', do: status(413, 'Storage quota exceeded') },
    code: 'geolens_too_large',
    words: /413.*quota/s,
  },
  'the assembly fails': {
    fault: { on: 'complete', do: { assembly_fails: true } },
    code: 'geolens_',
    words: /502|400/,
  },
  'no preview can be made': {
    fault: { on: 'preview', do: status(422, 'unreadable') },
    code: 'geolens_invalid_input',
    words: /unreadable/,
  },
  'the queue is down at the commit': {
    fault: { on: 'commit', do: { queue_down: true } },
    code: 'geolens_',
    words: /made no dataset/,
  },
  'the job fails': {
    fault: { on: 'commit', do: { job_fails: 'ogr2ogr: no geometry' } },
    code: 'geolens_import_failed',
    words: /no geometry/,
    commits: 1,
  },
};

describe('a file on its way to a dataset', () => {
  it.each(Object.entries(FAILURES))('leaves nothing open where %s', async (_what, row) => {
    const world = await startServicesWorld({ geolens: { ...row.emulator } });
    world.geolens.inject(row.fault);
    const path = await world.file('ships.csv', ships(400));
    const answer = await world.toGeolens(path);
    expect(answer.isError).toBe(true);
    expect(answer.errorCode).toMatch(new RegExp(`^${row.code}`));
    expect(answer.text).toMatch(row.words);
    expect(answer.text).not.toMatch(/X-Amz|Signature=|AWSAccessKeyId/);
    expect(answer.text).not.toContain(world.geolens.apiKey);
    expectNothingOpen(world);
    expect(world.geolens.state().commits).toBe(row.commits ?? 0);
    world.geolens.clearFaults();
    const again = await world.toGeolens(await world.file('ships.csv', ships(401)));
    expect(again.facts).toMatchObject({ status: 'completed', dataset_id: expect.any(String) });
  });

  it('whose content is not what its name says is refused, and nothing of it stays', async () => {
    const world = await startServicesWorld();
    const answer = await world.toGeolens(await world.file('ships.tif', ships(400)));
    expect(answer).toMatchObject({ isError: true, errorCode: 'geolens_invalid_input' });
    expect(answer.text).toMatch(/422/);
    expectNothingOpen(world);
  });

  it('is told with when it goes, where what was sent in one PUT cannot be taken back', async () => {
    const world = await startServicesWorld({ geolens: { thresholdBytes: 1_000_000 } });
    world.geolens.inject({ on: 'preview', do: status(422, 'unreadable') });
    const answer = await world.toGeolens(await world.file('ships.csv', ships(10)));
    const [job] = world.geolens.state().jobs;
    expect(answer.text).toContain(String(job?.id));
    expect(answer.text).toMatch(/goes by itself \(.*(hour|day)/);
  });

  it('goes on where the copy after the assembly fails at first', async () => {
    const world = await startServicesWorld();
    world.geolens.inject({ on: 'complete', times: 2, do: { freeze_fails: true } });
    const answer = await world.toGeolens(await world.file('ships.csv', ships(400)));
    expect(answer.facts).toMatchObject({ status: 'completed' });
    expect(world.geolens.state().calls).toMatchObject({ complete: 3 });
  });

  it('whose commit is not answered is looked for, and committed once', async () => {
    const world = await startServicesWorld();
    world.geolens.inject({ on: 'commit', do: { lose_answer: true } });
    const answer = await world.toGeolens(await world.file('ships.csv', ships(400)));
    expect(world.geolens.state()).toMatchObject({ commits: 1 });
    expect(world.geolens.state().calls).toMatchObject({ commit: 1 });
    const outcome = answer.isError ? answer.errorCode : answer.facts['status'];
    expect(['completed', 'geolens_outcome_unknown']).toContain(outcome);
  });

  it('that is cancelled between its parts leaves no upload open', async () => {
    const world = await startServicesWorld();
    const cancel = new AbortController();
    world.geolens.inject({ on: 'storage.put', after: 3, times: 99, do: { stall_after_bytes: 1 } });
    const path = await world.file('ships.csv', ships(400));
    const answer = world.toGeolens(path, {}, { signal: cancel.signal });
    answer.catch(() => undefined);
    await expect.poll(() => world.geolens.state().faults_struck).toBeGreaterThan(0);
    cancel.abort('enough');
    await expect(answer).rejects.toThrow('enough');
    await expect
      .poll(() => world.call('transfer_status', {}).then(({ text }) => text))
      .toContain('cancelled');
    expectNothingOpen(world);
  });

  it('is published only after the user was asked, also where the client cannot ask', async () => {
    const world = await startServicesWorld({ world: { config: { confirm: 'auto' } } });
    const path = await world.file('ships.csv', ships(4));
    const asked = await world.toGeolens(path, { visibility: 'public' });
    expect(asked.facts).toMatchObject({ status: 'not_done_yet' });
    expect(world.geolens.state().jobs).toEqual([]);
    const { confirmation } = asked.facts;
    const done = await world.toGeolens(path, { visibility: 'public', confirmation });
    expect(done.facts).toMatchObject({ status: 'completed' });
    expect(world.geolens.state().datasets).toMatchObject([{ visibility: 'public' }]);
  });
});
