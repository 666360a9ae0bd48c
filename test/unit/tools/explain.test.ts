import { describe, expect, it } from 'vitest';
import {
  GeoperaError,
  type GeoperaErrorFacts,
  type GeoperaErrorKind,
} from '../../../src/geopera/geopera_error.ts';
import { AnswerTooLarge } from '../../../src/tools/answer_too_large.ts';
import { InvalidArguments } from '../../../src/tools/arguments.ts';
import { type ConsentRefusal, NotConfirmed } from '../../../src/tools/consent/consent_error.ts';
import { EarlierFailure } from '../../../src/tools/earlier_outcome.ts';
import { explain } from '../../../src/tools/explain.ts';
import { INTERNAL } from '../../../src/tools/explanation.ts';
import {
  InvalidInput,
  OperationLeftOut,
  UnknownOperation,
  WrongCaller,
} from '../../../src/tools/operations/operation_errors.ts';
import { UnknownTransfer } from '../../../src/tools/unknown_transfer.ts';
import { Cancelled } from '../../../src/transfer/cancelled.ts';
import {
  type Outcome,
  TransferError,
  type TransferErrorCode,
} from '../../../src/transfer/failures/transfer_error.ts';
import { type PathRefusal, PathRefused } from '../../../src/transfer/files/allowed_folders.ts';
import { ClipJobFailed, MosaicNotChosen } from '../../../src/workflows/clip_job.ts';
import { OpenLinks, TooManyLinks } from '../../../src/workflows/open_links.ts';
import { noSessionJournal } from '../../../src/workflows/session_journal.ts';
import {
  QuotaExceeded,
  UploadFailed,
  type UploadStep,
} from '../../../src/workflows/upload_failed.ts';
import { UploadStillOpen } from '../../../src/workflows/upload_still_open.ts';
import { unknownOperations, unknownTools } from '../../contract/tool_words.ts';
import { ManualClock } from '../jobs/manual_clock.ts';
import { everyTool } from './every_tool.ts';

const refused = (kind: GeoperaErrorKind, facts: Partial<GeoperaErrorFacts> = {}) =>
  new GeoperaError({ kind, operationId: 'items.get', detail: 'the reason', ...facts });
const broken = (code: TransferErrorCode, outcome: Outcome = 'fatal') =>
  new TransferError({ code, message: 'the reason', outcome });

const stillOpen = (step: UploadStep, cause: unknown) =>
  new UploadStillOpen('u_1', { step, cause }, undefined);

/** Every error there is, with the words that its advice must have. */
interface Row {
  readonly error: unknown;
  readonly code: string;
  readonly retryable: boolean;
  readonly next: RegExp;
}

const row = (error: unknown, code: string, retryable: boolean, next: RegExp): Row => ({
  error,
  code,
  retryable,
  next,
});

const API: Readonly<Record<GeoperaErrorKind, [retryable: boolean, next: RegExp]>> = {
  no_token: [false, /GEOPERA_API_TOKEN.*--sandbox/],
  unauthenticated: [false, /GEOPERA_API_TOKEN/],
  missing_scope: [false, /scope uploads:write/],
  forbidden: [false, /role/],
  payment_required: [false, /quota/],
  not_found: [false, /items\.list.*items\.list_assets/],
  conflict: [false, /Read its state/],
  gone: [false, /expired/],
  invalid_input: [false, /reason given/],
  rate_limited: [true, /Wait 7 seconds/],
  rejected: [false, /change the call/],
  unavailable: [true, /call again/],
  unreachable: [true, /GEOPERA_API_URL/],
  not_the_api: [false, /GEOPERA_API_URL/],
  unexpected_answer: [false, /Tell the user/],
};

const TRANSFER: Readonly<Record<TransferErrorCode, RegExp>> = {
  source_missing: /path/,
  source_not_a_file: /regular file/,
  source_unreadable: /readable/,
  source_changed: /writes it has finished/,
  source_refused: /fresh one/,
  source_unavailable: /host of the URL.*a few minutes/,
  source_size_unknown: /another URL/,
  source_encoded: /as it is/,
  source_too_large: /--fetch-max-bytes/,
  source_too_slow: /--fetch-max-seconds/,
  address_refused: /public https URL.*--fetch-host/,
  url_expired: /clock/,
  storage_refused: /not help/,
  storage_unavailable: /a few minutes/,
  connection_lost: /network/,
  stalled: /network/,
  checksum_mismatch: /do not use the file/,
  length_mismatch: /Call again/,
  unexpected_encoding: /Tell the user/,
  no_space: /disk/,
  target_exists: /overwrite: true/,
  target_unwritable: /writable/,
  object_changed: /replaced/,
  redirect_refused: /Tell the user/,
};

const PATH: Readonly<Record<PathRefusal, RegExp>> = {
  invalid: /path of one file/,
  outside: /--allow-dir/,
  missing: /Check the path/,
  parent_missing: /folder that exists/,
  not_a_file: /regular file/,
  symlink: /instead of a link/,
  exists: /overwrite: true/,
  unreadable: /readable/,
};

const CONSENT: Readonly<Record<ConsentRefusal, RegExp>> = {
  declined: /Do not call it again unless the user asks/,
  cannot_ask: /Tell the user/,
  invalid_confirmation: /without confirmation, show the user the new summary/,
};

const keys = <Key extends string>(table: Readonly<Record<Key, unknown>>): Key[] =>
  Object.keys(table).filter((key): key is Key => key in table);

const rows: Row[] = [
  ...keys(API).map((kind) => {
    const facts = { scope: 'uploads:write', retryAfterSeconds: 7, status: 400 };
    return row(refused(kind, facts), kind, ...API[kind]);
  }),
  ...keys(TRANSFER).map((code) => row(broken(code), code, false, TRANSFER[code])),
  ...keys(PATH).map((reason) => {
    const error = new PathRefused(reason, '/x', 'is refused', ['/data']);
    return row(error, `path_${reason}`, false, PATH[reason]);
  }),
  row(new PathRefused('outside', '/x', 'is out', []), 'path_outside', false, /--allow-dir FOLDER/),
  row(refused('rate_limited'), 'rate_limited', true, /Wait a minute/),
  row(refused('unreachable', { fateUnknown: true }), 'unreachable', true, /^Wait a minute/),
  row(
    refused('unavailable', { fateUnknown: true, operationId: 'items.delete' }),
    'unavailable',
    true,
    /Read the state first/,
  ),
  row(
    refused('unreachable', { fateUnknown: true, operationId: 'clip.create_from_item' }),
    'unreachable',
    true,
    /the very same call.*not a second one/,
  ),
  row(
    refused('conflict', { operationId: 'uploads.initiate' }),
    'conflict',
    false,
    /another asset_key.*items\.list_assets/,
  ),
  row(refused('conflict', { operationId: 'clip.job.delete' }), 'conflict', false, /clip\.job\.get/),
  row(
    refused('unexpected_answer', { fateUnknown: true, operationId: 'orders.place' }),
    'unexpected_answer',
    false,
    /the very same call.*not a second one/,
  ),
  row(
    refused('unexpected_answer', { fateUnknown: true, operationId: 'items.delete' }),
    'unexpected_answer',
    false,
    /not known whether the API acted/,
  ),
  row(
    refused('unexpected_answer', { fateUnknown: true, operationId: 'items.list' }),
    'unexpected_answer',
    false,
    /newer version/,
  ),
  row(
    refused('unreachable', { fateUnknown: true, operationId: 'uploads.initiate' }),
    'unreachable',
    true,
    /by its idempotency key and release it; one of uploads\.initiate stays/,
  ),
  row(
    new InvalidArguments('items_get', ['item_id: Required']),
    'invalid_arguments',
    false,
    /Correct/,
  ),
  row(new ClipJobFailed('j', 'failed', 'no data'), 'clip_job_failed', false, /clip\.job\.get/),
  row(new MosaicNotChosen('j', ['a', 'b'], undefined), 'mosaic_not_chosen', false, /mosaic_type/),
  row(new MosaicNotChosen('j', ['a'], 'c'), 'mosaic_not_chosen', false, /mosaic_type/),
  row(new MosaicNotChosen('j', [], undefined), 'mosaic_not_chosen', false, /clip\.job\.downloads/),
  row(
    new QuotaExceeded(5e9, refused('payment_required')),
    'payment_required',
    false,
    /free storage/,
  ),
  row(new DOMException('stdin ended', 'AbortError'), 'cancelled', true, /Call again/),
  row(new Cancelled('the server shut down'), 'cancelled', true, /Call again/),
  row(new EarlierFailure(broken('stalled'), 200), 'stalled', false, TRANSFER.stalled),
  row(new UnknownTransfer('t_1'), 'unknown_transfer', false, /transfer_status.*items\.list/),
  row(
    stillOpen('complete', refused('invalid_input')),
    'upload_incomplete',
    true,
    /Run the command.*finish_upload again.*create_upload_link with upload_id u_1/,
  ),
  row(stillOpen('sign', refused('invalid_input')), 'invalid_input', false, /reason given/),
  row(stillOpen('complete', refused('unavailable')), 'unavailable', true, /call again/),
  row(stillOpen('complete', new Cancelled('cancelled')), 'cancelled', true, /Call again/),
  row(new TooManyLinks(0), 'too_many_links', true, /finish_upload.*1970-01-01T00:00:00\.000Z\.$/),
  row(new TooManyLinks(undefined), 'too_many_links', true, /forgets it\.$/),
  row(new AnswerTooLarge(7_000_000), 'answer_too_large', false, /limit/),
  ...keys(CONSENT).map((reason) =>
    row(new NotConfirmed('uploads.fail', reason), `consent_${reason}`, false, CONSENT[reason]),
  ),
  row(
    new InvalidInput('items.get', ['item_id: Required'], { item_id: '<item_id>' }),
    'invalid_arguments',
    false,
    /^Valid arguments.*\{"item_id":"<item_id>"\}.*describe_operation/,
  ),
  row(
    new WrongCaller('uploads.fail', 'call_read_operation', 'call_destructive_operation'),
    'wrong_caller',
    false,
    /^Call call_destructive_operation with the same arguments/,
  ),
  row(
    new UnknownOperation('item.fetch', ['items.get', 'items.list']),
    'unknown_operation',
    false,
    /items\.get, items\.list.*search_operations/,
  ),
  row(new UnknownOperation('x', []), 'unknown_operation', false, /search_operations/),
  row(new OperationLeftOut('items.delete'), 'operation_left_out', false, /ask the user/),
];

describe.each(rows.map((it) => [it.code, it] as const))(
  '%s',
  (code, { error, retryable, next }) => {
    const told = explain(error);

    it('says what happened, what to do, and whether to repeat it', () => {
      expect(told).toMatchObject({ code, retryable });
      expect(told?.next).toMatch(next);
      for (const words of [told?.what ?? '', told?.next ?? '']) {
        expect(words).toMatch(/^[A-Za-z'].*[.]$/s);
        expect(words).not.toMatch(/undefined|null|NaN|\[object|\.\.$/);
      }
    });

    it('names only tools and operations that are there', () => {
      const words = `${told?.what} ${told?.next}`;
      expect([...unknownTools(words), ...unknownOperations(words)]).toEqual([]);
    });
  },
);

/** Errors that only a tool throws which takes or makes a file of this machine. */
const OF_PATHS: ReadonlySet<string> = new Set([
  ...keys(PATH).map((reason) => `path_${reason}`),
  'target_exists',
]);

describe('over HTTP, where no folder is allowed', () => {
  const tools = [...everyTool('links').keys()];
  const told = rows.filter(({ code }) => !OF_PATHS.has(code));

  it.each(told.map((it) => [it.code, it] as const))(
    '%s names no tool and no setting that is not there, nor what only the operator sees',
    (_, { error }) => {
      const { what, next } = explain(error);
      expect(unknownTools(`${what} ${next}`, tools)).toEqual([]);
      expect(next).not.toMatch(/--allow-dir|GEOPERA_ALLOW_DIRS|this machine|stderr/);
    },
  );

  it('an expired token is not said to be a setting of the server alone', () => {
    expect(explain(refused('unauthenticated')).next).toContain('sign in again');
    expect(explain(refused('missing_scope')).next).toContain('a new sign-in');
  });

  it('a fault of ours is in a log, wherever that goes', () => {
    expect(INTERNAL.next).toContain('the log of this server');
  });
});

describe('a transfer', () => {
  it('that nobody knows is said to be gone, without more than is true of every server', () => {
    expect(explain(new UnknownTransfer('t_1')).what).toBe(
      "There is no transfer 't_1' here: an outcome is kept for an hour, and may not outlast the server that ran the transfer.",
    );
  });

  it('that was stopped says by whom, and what is left of it', () => {
    const stopped = new Cancelled('cancelled with transfer_cancel');
    expect(explain(stopped).what).toBe('It ended because of this: cancelled with transfer_cancel.');
    stopped.partialKept = true;
    expect(explain(stopped).what).toContain('the same call with the same path goes on from there');
  });

  it('that failed unheard says when, and that nothing was done since', () => {
    expect(explain(new EarlierFailure(broken('stalled'), 200)).what).toBe(
      'The same call, made before, failed 3 min ago while nobody waited; nothing was started now. The transfer failed: the reason.',
    );
  });
});

describe('an upload that had begun', () => {
  const failed = (cause: unknown, released: boolean) =>
    new UploadFailed(
      'u_1',
      { step: 'transfer', cause },
      released ? { state: 'released' } : { state: 'held', reason: 'no answer in time' },
    );
  const causes = rows.filter(({ code }) => code !== 'invalid_arguments');

  it.each(causes.map((it) => [it.code, it] as const))('that %s ended is told by it', (_, cause) => {
    const told = explain(failed(cause.error, true));
    const first = explain(cause.error);
    expect(told).toMatchObject({ code: cause.code, retryable: cause.retryable, next: first?.next });
    expect(told?.what).toBe(
      `The upload failed at the step transfer. ${first?.what} The reserved storage of upload session u_1 was released.`,
    );
  });

  it('and could not be released says what to call', () => {
    const told = explain(failed(broken('stalled', 'transient'), false));
    expect(told).toMatchObject({ code: 'stalled', retryable: true });
    expect(told?.what).toContain('could not be released (no answer in time)');
    expect(told?.what).toContain('call uploads.fail with upload_id u_1 and an error_message.');
    expect(unknownTools(told?.what ?? '')).toEqual([]);
  });

  it.each<[string, UploadStep, GeoperaErrorKind, string | undefined, string, RegExp]>([
    [
      'a file',
      'sign',
      'conflict',
      'a.tif',
      'The upload of a.tif failed at the step sign.',
      /holds no storage/,
    ],
    [
      'links',
      'sign',
      'conflict',
      undefined,
      'No upload link was signed.',
      /just being completed, and was left as it is/,
    ],
    ['links', 'sign', 'gone', undefined, 'No upload link was signed.', /has ended/],
    [
      'links',
      'sign',
      'not_found',
      undefined,
      'No upload link was signed.',
      /does not know upload session u_1: the id is wrong/,
    ],
    [
      'its end',
      'complete',
      'not_found',
      undefined,
      'The upload failed at the step complete.',
      /does not know upload session u_1: the id is wrong/,
    ],
    [
      'its end',
      'complete',
      'conflict',
      undefined,
      'The upload failed at the step complete.',
      /already over: it may have been completed/,
    ],
  ])(
    'and was over when %s was asked for (%s: %s) says so',
    (_, step, kind, fileName, first, words) => {
      const point = { step, cause: refused(kind), fileName };
      const { what } = explain(new UploadFailed('u_1', point, { state: 'over' }));
      expect(what.startsWith(`${first} items.get failed: the reason.`)).toBe(true);
      expect(what).toMatch(words);
      expect(unknownTools(what)).toEqual([]);
      if (kind === 'not_found') expect(what).not.toContain('completed');
    },
  );

  it('and met a fault of our own says nothing of it', () => {
    const told = explain(failed(new TypeError('SECRET'), true));
    expect(told).toMatchObject({ code: 'internal', retryable: false });
    expect(JSON.stringify(told)).not.toContain('SECRET');
  });
});

describe('an upload that waits for its files', () => {
  it('tells what it waits for and how long, in plain words', async () => {
    const link = await new OpenLinks(new ManualClock()).hold(
      {
        owner: 'o',
        uploadId: 'u_1',
        projectId: 'p',
        files: [{ fileName: 'a\u202e.tif', bytes: 3, contentType: 'image/tiff' }],
        entry: await noSessionJournal.begin({ projectId: 'p', files: [], bytes: 3 }),
        end: async () => ({ state: 'released' }),
      },
      undefined,
    );
    const cause = refused('invalid_input', { detail: 'Not there yet' });
    const error = new UploadStillOpen('u_1', { step: 'complete', cause }, link);
    expect(explain(error).what).toBe(
      'Geopera does not complete upload session u_1 as it is: Not there yet. It was opened for: a.tif (3 bytes). Upload session u_1 was not given up; uploads.fail would do that. There is time until 1970-01-01T01:16:40.000Z.',
    );
    await link.completed();
  });
});

describe('what an explanation says', () => {
  it.each<[string, unknown, RegExp]>([
    [
      'the status and the words of the API',
      refused('conflict', { status: 409 }),
      /HTTP 409.*the reason/,
    ],
    ['no status where there was none', refused('no_token'), /^items\.get failed: the reason\.$/],
    [
      'the bytes that were asked for',
      new QuotaExceeded(5e9, refused('payment_required')),
      /5\.0 GB \(5000000000 bytes\)/,
    ],
    [
      'that nothing was reserved',
      new QuotaExceeded(1, refused('payment_required')),
      /Nothing was reserved/,
    ],
    [
      'the folders that are allowed',
      new PathRefused('outside', '/x', 'is out', ['/data', '/srv']),
      /\/data, \/srv/,
    ],
    ['each fault of the arguments', new InvalidArguments('t', ['a: x', 'b: y']), /a: x; b: y/],
    [
      'the files of a job',
      new MosaicNotChosen('j', ['visual', 'ndvi'], undefined),
      /2 files: visual, ndvi/,
    ],
    [
      'the file that was asked for',
      new MosaicNotChosen('j', ['visual'], 'ndvi'),
      /no file 'ndvi'.*visual/,
    ],
    ['why a job ended', new ClipJobFailed('j', 'failed', 'no data'), /ended as failed: no data/],
  ])('%s', (_, error, words) => {
    expect(explain(error)?.what).toMatch(words);
  });

  it.each<[Outcome, boolean]>([
    ['expired', true],
    ['throttled', true],
    ['transient', true],
    ['signature', false],
    ['mismatch', false],
    ['fatal', false],
  ])('a transfer that ended as %s may be repeated: %s', (outcome, retryable) => {
    expect(explain(broken('stalled', outcome))?.retryable).toBe(retryable);
  });

  it.each([new Error('x'), new TypeError('x'), 'x', undefined, null, { code: 'x' }])(
    'a fault of ours, of what is not known: %s',
    (error) => {
      expect(explain(error)).toBe(INTERNAL);
    },
  );
});
