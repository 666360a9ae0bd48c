import { describe, expect, it } from 'vitest';
import { connectedUpload } from '../../../src/connectors/connected_upload.ts';
import type { Connector, ConnectorFailure } from '../../../src/connectors/connector.ts';
import { SessionTakenOver } from '../../../src/connectors/session_taken_over.ts';
import type { Act, Progress } from '../../../src/transfer/act.ts';

type Scripted = Connector<string, number, number, string>;

/** A connector of three units that notes what is asked of it. */
function scripted(own: Partial<Scripted> = {}) {
  const asked: string[] = [];
  const progress: Progress[] = [];
  const failures: ConnectorFailure[] = [];
  const connector: Scripted = {
    traits: {
      partsSelfContained: true,
      finishIdempotent: false,
      abandons: 'release',
      contentType: 'of_kind',
    },
    totalBytes: 30,
    what: 'three parts',
    unitsAtOnce: 2,
    start: async () => {
      asked.push('start');
      return 's_1';
    },
    plan: () => [10, 10, 10],
    send: async (_session, bytes, { index, onSent }) => {
      onSent(bytes / 2);
      onSent(bytes);
      asked.push(`send ${index}`);
      return index;
    },
    inspect: async (_session, sent) => {
      asked.push(`inspect ${sent}`);
    },
    finish: async (session, sent) => {
      asked.push('finish');
      return `${session} with ${sent}`;
    },
    await: async (_session, outcome) => {
      asked.push('await');
      return `${outcome}, awaited`;
    },
    abandon: async (session, failure) => {
      failures.push(failure);
      asked.push('abandon');
      return new Error(`${session} abandoned at ${failure.step}`);
    },
    ...own,
  };
  const act = (more: Partial<Act> = {}): Act => ({
    signal: new AbortController().signal,
    onProgress: (step) => progress.push(step),
    ...more,
  });
  return { connector, asked, progress, failures, act };
}

const failing = (words: string) => async () => Promise.reject(new Error(words));

describe('an upload by a connector', () => {
  it('starts, sends all, inspects, finishes and awaits, in this order', async () => {
    const { connector, asked, progress, act } = scripted();
    expect(await connectedUpload(connector, act())).toBe('s_1 with 0,1,2, awaited');
    expect(asked.filter((it) => !it.startsWith('send'))).toEqual([
      'start',
      'inspect 0,1,2',
      'finish',
      'await',
    ]);
    const done = progress.map((step) => step.done);
    expect(done).toEqual([...done].sort((a, b) => a - b));
    expect(progress.at(-1)).toEqual({
      done: 30,
      total: 30,
      message: 'Completing the upload of three parts',
    });
  });

  it.each<[string, Partial<Scripted>, string | undefined]>([
    ['start', { start: failing('no session') }, undefined],
    ['plan', { plan: () => unreadable() }, 'send'],
    ['send', { send: failing('refused') }, 'send'],
    ['inspect', { inspect: failing('a part is missing') }, 'inspect'],
    ['finish', { finish: failing('the table exists') }, 'finish'],
    ['await', { await: failing('the job failed') }, undefined],
  ])('where %s fails, is abandoned if there is anything to abandon', async (_which, own, step) => {
    const { connector, asked, failures, act } = scripted(own);
    const failure = await connectedUpload(connector, act()).catch((error: unknown) => error);
    expect(failures.map((it) => it.step)).toEqual(step === undefined ? [] : [step]);
    expect(asked.filter((it) => it === 'abandon')).toHaveLength(step === undefined ? 0 : 1);
    const words = failure instanceof Error ? failure.message : '';
    expect(words.includes('abandoned')).toBe(step !== undefined);
  });

  it('is abandoned with the reason of a cancellation, and finishes nothing', async () => {
    const cancel = new AbortController();
    const reason = new Error('the client cancelled');
    const { connector, asked, failures, act } = scripted({
      send: async (_session, _bytes, { index }) => {
        cancel.abort(reason);
        return index;
      },
    });
    await expect(connectedUpload(connector, act({ signal: cancel.signal }))).rejects.toThrow(
      'abandoned at send',
    );
    expect(failures).toEqual([{ step: 'send', cause: reason }]);
    expect(asked).toEqual(['start', 'abandon']);
  });

  it('does not finish what others take for lost', async () => {
    const { connector, asked, failures, act } = scripted();
    const gone = act({ mayFinish: async () => false });
    await expect(connectedUpload(connector, gone)).rejects.toThrow('abandoned at inspect');
    expect(failures[0]?.cause).toBeInstanceOf(SessionTakenOver);
    expect(asked).not.toContain('finish');
  });

  it('tells the service how far it is, and counts no byte twice that is sent again', async () => {
    const told: number[] = [];
    const { connector, act } = scripted({
      unitsAtOnce: 1,
      report: (_session, done) => told.push(done),
      send: async (_session, _bytes, { index, onSent }) => {
        for (const bytes of [4, 8, 2, 6, 10]) onSent(bytes);
        return index;
      },
    });
    await connectedUpload(connector, act());
    expect(told.at(-1)).toBe(30);
    expect(told).toEqual([...told].sort((a, b) => a - b));
  });
});

function* unreadable(): Generator<number> {
  yield 10;
  throw new Error('the file changed');
}
