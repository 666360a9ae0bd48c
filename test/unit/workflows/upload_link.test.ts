import { describe, expect, it } from 'vitest';
import { GeoperaError, type GeoperaErrorKind } from '../../../src/geopera/geopera_error.ts';
import { Cancelled } from '../../../src/transfer/cancelled.ts';
import type { LinkedFile } from '../../../src/workflows/linked_session.ts';
import { OpenLinks } from '../../../src/workflows/open_links.ts';
import type { SessionEntry, SessionNews } from '../../../src/workflows/session_journal.ts';
import {
  finishUpload,
  openUploadLink,
  signUploadLink,
} from '../../../src/workflows/upload_link.ts';
import type { FakeAnswers } from '../geopera/fake_geopera.ts';
import { ManualClock } from '../jobs/manual_clock.ts';
import { workflowWorld } from './workflow_world.ts';

const FILES: readonly LinkedFile[] = [
  { fileName: 'a.tif', bytes: 3, contentType: 'image/tiff' },
  { fileName: 'b.csv', bytes: 4, contentType: 'text/csv' },
];
const REQUEST = { owner: 'me', projectId: 'p', files: FILES };
const SESSION = { owner: 'me', uploadId: 'u_1' };
const URL_ENDS = Date.UTC(2030, 0, 1, 0, 15);

function signed(input: unknown): object {
  const name = JSON.stringify(input).includes('a.tif') ? 'a.tif' : 'b.csv';
  const date = name === 'a.tif' ? '20300101T000000Z' : '20300101T010000Z';
  const query = `X-Goog-Date=${date}&X-Goog-Expires=900`;
  return { upload_url: `https://storage.test/${name}?${query}`, object_path: name };
}

/** What the API answers, unless a test says otherwise. */
const WELL: Readonly<Record<string, (input: unknown) => object>> = {
  'uploads.initiate': () => ({ id: 'u_1' }),
  'uploads.signed_url': signed,
  'uploads.complete': () => ({ item_ids: ['i_1'] }),
  'uploads.fail': () => ({}),
};

function refusal(operationId: string, kind: GeoperaErrorKind, fateUnknown = false): GeoperaError {
  return new GeoperaError({ kind, operationId, detail: 'no', fateUnknown });
}

/** A world with an API that refuses some operations, and a journal that keeps what it is told. */
function linkWorld(
  refuses: Readonly<Record<string, unknown>> = {},
  signal?: AbortSignal,
  call?: FakeAnswers['call'],
) {
  const told: (string | SessionNews)[] = [];
  const warnings: string[] = [];
  const world = workflowWorld(
    {
      call:
        call ??
        (async (id, input) => {
          if (Object.hasOwn(refuses, id)) throw refuses[id];
          return WELL[id]?.(input);
        }),
    },
    signal,
  );
  const clock = new ManualClock();
  const entry: SessionEntry = {
    intend: async () => void told.push('intended'),
    note: async (news) => void told.push(news),
    mayComplete: async () => true,
    remove: async () => void told.push('removed'),
    leave: async () => {
      told.push('left');
      return true;
    },
  };
  const context = {
    ...world.context,
    links: new OpenLinks(clock),
    sessions: { begin: async () => entry },
    log: { ...world.context.log, warn: (_: object, words: string) => void warnings.push(words) },
  };
  const ids = () => world.geopera.calls.map(({ id }) => id);
  return { ...world, context, clock, told, ids, warnings };
}

describe('a link for an upload', () => {
  it('is of one session with the true total, signed for each file', async () => {
    const { act, context, geopera, told } = linkWorld();
    const link = await openUploadLink(REQUEST, act.signal, context);
    const [initiate, ...signs] = geopera.calls;
    expect(initiate).toMatchObject({
      id: 'uploads.initiate',
      input: { project_id: 'p', file_count: 2, total_bytes: 7 },
    });
    expect(signs.map(({ input }) => input)).toEqual([
      { upload_id: 'u_1', file_name: 'a.tif', content_type: 'image/tiff' },
      { upload_id: 'u_1', file_name: 'b.csv', content_type: 'text/csv' },
    ]);
    expect(link).toMatchObject({ uploadId: 'u_1', expiresAt: URL_ENDS, files: FILES });
    const { heldUntil } = link;
    expect(told).toEqual([
      'intended',
      { uploadId: 'u_1', step: 'transfer' },
      { step: 'transfer', heldUntil },
    ]);
    expect(context.links.find({ owner: 'me', uploadId: 'u_1' })?.heldUntil).toBe(heldUntil);
    await context.links.close();
  });

  it('that nobody uses is given up, with the reservation, and told to the log', async () => {
    const { act, context, clock, geopera, told, ids, warnings } = linkWorld();
    const { heldUntil = 0 } = await openUploadLink(REQUEST, act.signal, context);
    await clock.pass(heldUntil - clock.now());
    expect(ids().filter((id) => id === 'uploads.fail')).toHaveLength(1);
    expect(geopera.calls.at(-1)?.input).toEqual({
      upload_id: 'u_1',
      error_message: 'nobody finished the upload in the time that its links gave',
      error_step: 'transfer',
    });
    expect([told.at(-1), warnings.length]).toEqual(['removed', 1]);
  });

  it('that cannot be signed takes its reservation back', async () => {
    const { act, context, told, ids } = linkWorld({
      'uploads.signed_url': refusal('uploads.signed_url', 'unavailable'),
    });
    await expect(openUploadLink(REQUEST, act.signal, context)).rejects.toMatchObject({
      name: 'UploadFailed',
      step: 'sign',
      reservation: { state: 'released' },
    });
    expect(ids().at(-1)).toBe('uploads.fail');
    expect(told.at(-1)).toBe('removed');
    expect(context.links.find({ owner: 'me', uploadId: 'u_1' })).toBeUndefined();
  });

  it('whose call was cancelled meanwhile takes its reservation back', async () => {
    const stop = new AbortController();
    const { act, context, ids } = linkWorld({}, stop.signal, async (id, input) => {
      if (id === 'uploads.initiate') stop.abort(new Cancelled('cancelled by the client'));
      return WELL[id]?.(input);
    });
    await expect(openUploadLink(REQUEST, act.signal, context)).rejects.toMatchObject({
      name: 'UploadFailed',
      cause: { message: 'cancelled by the client' },
    });
    expect(ids()).toEqual(['uploads.initiate', 'uploads.fail']);
  });

  it.each([['ftp://storage.test/a'], ['https://user:pass@storage.test/a'], ['nothing']])(
    'to %s is none',
    async (url) => {
      const { act, context } = linkWorld({}, undefined, async (id, input) =>
        id === 'uploads.signed_url' ? { upload_url: url, object_path: 'a' } : WELL[id]?.(input),
      );
      await expect(openUploadLink(REQUEST, act.signal, context)).rejects.toMatchObject({
        cause: { code: 'storage_refused' },
        reservation: { state: 'released' },
      });
    },
  );

  it('beyond fifty is refused before anything is reserved', async () => {
    const { act, context, ids } = linkWorld({}, undefined, async (id, input) =>
      id === 'uploads.initiate' ? { id: `u_${Math.random()}` } : WELL[id]?.(input),
    );
    for (let n = 0; n < 50; n += 1) await openUploadLink(REQUEST, act.signal, context);
    const before = ids().length;
    await expect(openUploadLink(REQUEST, act.signal, context)).rejects.toMatchObject({
      name: 'TooManyLinks',
    });
    expect(ids()).toHaveLength(before);
    await context.links.close();
  });
});

describe('a fresh link', () => {
  it('is signed for the files asked for, and gives the session more time', async () => {
    const { act, context, clock, geopera } = linkWorld();
    const { heldUntil = 0 } = await openUploadLink(REQUEST, act.signal, context);
    await clock.pass(60_000);
    const [first = FILES[0]] = FILES;
    if (first === undefined) throw new Error('no file');
    const before = geopera.calls.length;
    const fresh = await signUploadLink(SESSION, [first], act.signal, context);
    expect(geopera.calls.slice(before).map(({ id }) => id)).toEqual(['uploads.signed_url']);
    expect(fresh).toMatchObject({ uploadId: 'u_1', files: [first], expiresAt: URL_ENDS });
    expect(fresh.heldUntil).toBe(heldUntil + 60_000);
    await context.links.close();
  });

  it('of a session that another opened is for the API to judge', async () => {
    const { act, context, ids } = linkWorld();
    const { heldUntil } = await openUploadLink(REQUEST, act.signal, context);
    const other = { owner: 'other', uploadId: 'u_1' };
    const fresh = await signUploadLink(other, FILES, act.signal, context);
    expect(fresh.heldUntil).toBeUndefined();
    expect(context.links.find({ owner: 'me', uploadId: 'u_1' })?.heldUntil).toBe(heldUntil);
    expect(ids().filter((id) => id === 'uploads.initiate')).toHaveLength(1);
    await context.links.close();
  });
});

describe('an upload by links', () => {
  it('is finished once, and forgotten', async () => {
    const { act, context, clock, told, ids } = linkWorld();
    await openUploadLink(REQUEST, act.signal, context);
    expect(await finishUpload(SESSION, act, context)).toEqual({
      uploadId: 'u_1',
      itemIds: ['i_1'],
      completeAnswered: true,
    });
    expect(told.slice(-2)).toEqual([{ step: 'complete' }, 'removed']);
    await clock.pass(10_000 * 3_600_000);
    expect(ids()).not.toContain('uploads.fail');
  });

  it('that this process did not open is finished by its id alone', async () => {
    const { act, context, ids } = linkWorld();
    expect(await finishUpload(SESSION, act, context)).toMatchObject({ itemIds: ['i_1'] });
    expect(ids()).toEqual(['uploads.complete']);
  });

  it('whose answer was lost is found by what it made', async () => {
    const lost = refusal('uploads.complete', 'unreachable', true);
    const { act, context } = linkWorld({}, undefined, async (id, input) => {
      if (id === 'uploads.complete') throw lost;
      return id === 'items.list' ? [{ id: 'i_1', upload_id: 'u_1' }] : WELL[id]?.(input);
    });
    await openUploadLink(REQUEST, act.signal, context);
    expect(await finishUpload(SESSION, act, context)).toEqual({
      uploadId: 'u_1',
      itemIds: ['i_1'],
      completeAnswered: false,
    });
    // Nobody knows in which project to look.
    await expect(finishUpload(SESSION, act, context)).rejects.toMatchObject({
      name: 'UploadStillOpen',
      cause: lost,
    });
  });
});

describe('an attempt to finish an upload by links', () => {
  it('that is cancelled leaves the session to another one', async () => {
    const stop = new AbortController();
    const cause = new Cancelled('cancelled by the client');
    const { act, context, ids } = linkWorld({}, stop.signal, async (id, input) => {
      if (id !== 'uploads.complete') return WELL[id]?.(input);
      stop.abort(cause);
      throw cause;
    });
    await openUploadLink(REQUEST, new AbortController().signal, context);
    await expect(finishUpload(SESSION, act, context)).rejects.toMatchObject({
      name: 'UploadStillOpen',
      cause,
      files: FILES,
    });
    expect(ids()).not.toContain('uploads.fail');
    await context.links.close();
  });
});

/** What each refusal means for a session: it ends, or it goes on. */
const AFTER: Readonly<Record<GeoperaErrorKind, 'UploadFailed' | 'UploadStillOpen'>> = {
  not_found: 'UploadFailed',
  conflict: 'UploadFailed',
  gone: 'UploadFailed',
  payment_required: 'UploadFailed',
  rejected: 'UploadFailed',
  invalid_input: 'UploadStillOpen',
  no_token: 'UploadStillOpen',
  unauthenticated: 'UploadStillOpen',
  missing_scope: 'UploadStillOpen',
  forbidden: 'UploadStillOpen',
  rate_limited: 'UploadStillOpen',
  unavailable: 'UploadStillOpen',
  unreachable: 'UploadStillOpen',
  not_the_api: 'UploadStillOpen',
  unexpected_answer: 'UploadStillOpen',
};

/** When links are signed anew these say that the session has ended, or is just being completed. */
const UNRELEASED_AT_SIGN: ReadonlySet<GeoperaErrorKind> = new Set([
  'not_found',
  'conflict',
  'gone',
]);

describe.each(Object.entries(AFTER))('an upload by links after the answer %s', (kind, name) => {
  const is = (it: string): it is GeoperaErrorKind => Object.hasOwn(AFTER, it);
  if (!is(kind)) throw new Error(kind);

  it.each([true, false])(`to finish it (opened here: %s) is ${name}`, async (opened) => {
    const cause = refusal('uploads.complete', kind);
    const { act, context, told, ids } = linkWorld({ 'uploads.complete': cause });
    if (opened) await openUploadLink(REQUEST, act.signal, context);
    const ended = name === 'UploadFailed';
    await expect(finishUpload(SESSION, act, context)).rejects.toMatchObject({
      name,
      cause,
      uploadId: 'u_1',
      step: 'complete',
      ...(ended ? { reservation: { state: 'released' } } : {}),
    });
    expect(ids().filter((id) => id === 'uploads.fail')).toHaveLength(ended ? 1 : 0);
    if (opened) {
      expect(context.links.find({ owner: 'me', uploadId: 'u_1' }) === undefined).toBe(ended);
      expect(told.at(-1)).toEqual(
        ended ? 'removed' : { step: 'transfer', heldUntil: expect.any(Number) },
      );
    }
    await context.links.close();
  });

  const released = name === 'UploadFailed' && !UNRELEASED_AT_SIGN.has(kind);

  it(`to sign it anew is ${name}${released ? ', and releases it' : ''}`, async () => {
    const { act, context, told, ids } = linkWorld({}, undefined, async (id, input) => {
      const again = ids().filter((it) => it === 'uploads.signed_url').length > FILES.length;
      if (id === 'uploads.signed_url' && again) throw refusal(id, kind);
      return WELL[id]?.(input);
    });
    await openUploadLink(REQUEST, act.signal, context);
    await expect(signUploadLink(SESSION, FILES, act.signal, context)).rejects.toMatchObject({
      name,
      step: 'sign',
      ...(name === 'UploadFailed'
        ? { reservation: { state: released ? 'released' : 'over' } }
        : {}),
    });
    expect(context.links.find({ owner: 'me', uploadId: 'u_1' }) === undefined).toBe(released);
    expect(told.includes('removed')).toBe(released);
    await context.links.close();
    expect(ids().filter((id) => id === 'uploads.fail')).toHaveLength(released ? 1 : 0);
  });
});

describe('fresh links for a session that is just being completed', () => {
  it('are refused, and the completion goes on', async () => {
    let answer: () => void = () => undefined;
    const { act, context, told, ids } = linkWorld({}, undefined, async (id, input) => {
      if (id === 'uploads.complete') {
        await new Promise<void>((resolve) => {
          answer = resolve;
        });
      }
      if (id === 'uploads.signed_url' && ids().includes('uploads.complete')) {
        throw refusal(id, 'conflict');
      }
      return WELL[id]?.(input);
    });
    await openUploadLink(REQUEST, act.signal, context);
    const finishing = finishUpload(SESSION, act, context);
    await expect.poll(() => ids().at(-1)).toBe('uploads.complete');
    await expect(signUploadLink(SESSION, FILES, act.signal, context)).rejects.toMatchObject({
      name: 'UploadFailed',
      reservation: { state: 'over' },
    });
    answer();
    expect(await finishing).toMatchObject({ itemIds: ['i_1'] });
    expect(ids()).not.toContain('uploads.fail');
    expect(told.at(-1)).toBe('removed');
  });
});
