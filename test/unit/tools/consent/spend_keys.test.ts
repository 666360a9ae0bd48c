import { describe, expect, it } from 'vitest';
import {
  GeoperaError,
  type GeoperaErrorFacts,
  type GeoperaErrorKind,
} from '../../../../src/geopera/geopera_error.ts';
import { ConsentMemory } from '../../../../src/tools/consent/consent_memory.ts';
import { SpendKeys } from '../../../../src/tools/consent/spend_keys.ts';

const HOUR = 60 * 60 * 1000;

const order = {
  operationId: 'orders.place',
  input: { workspaceId: 'w', tags: ['a'] },
  owner: 'ana',
};

const refused = failure({ kind: 'payment_required' });
const lost = failure({ kind: 'unreachable', fateUnknown: true });
/** As of a call that was cancelled while the API worked. */
const cancelled = new Error('cancelled');

function failure(facts: Pick<GeoperaErrorFacts, 'kind' | 'fateUnknown'>): GeoperaError {
  return new GeoperaError({ operationId: 'orders.place', detail: 'no', ...facts });
}

function start() {
  let now = 0;
  let made = 0;
  const memory = new ConsentMemory(() => now);
  const spends = new SpendKeys(() => memory);
  const sent: string[] = [];
  /** Spends, and answers under which key. */
  const spend = async (act = order, fate?: Error, key?: string) => {
    made += 1;
    await spends
      .during(act, key ?? `key ${made}`, async (used) => {
        sent.push(used);
        if (fate !== undefined) throw fate;
      })
      .catch((error: unknown) => {
        if (error !== fate) throw error;
      });
    return sent.at(-1);
  };
  const pass = (ms: number) => {
    now += ms;
  };
  return { memory, spends, spend, sent, pass };
}

describe('the key of a spend', () => {
  it('is another after each that succeeded', async () => {
    const { spend } = start();
    expect(await spend()).not.toBe(await spend());
  });

  it.each([
    ['its answer was lost', lost],
    ['its call was cancelled', cancelled],
  ])('is kept where %s, until it is known what became of it', async (_, fate) => {
    const { spend } = start();
    const first = await spend(order, fate);
    expect(await spend(order, fate)).toBe(first);
    expect(await spend()).toBe(first);
    expect(await spend()).not.toBe(first);
  });

  it('is free again after a refusal, which did nothing', async () => {
    const { spend } = start();
    expect(await spend(order, refused)).not.toBe(await spend());
  });

  it.each<GeoperaErrorKind>([
    'no_token',
    'unauthenticated',
    'missing_scope',
    'forbidden',
    'rate_limited',
    'unreachable',
    'not_the_api',
    'conflict',
  ])('is kept where a try whose answer was lost is refused by %s the next time', async (kind) => {
    const { spend } = start();
    const first = await spend(order, lost);
    expect(await spend(order, failure({ kind }))).toBe(first);
    expect(await spend()).toBe(first);
    expect(await spend()).not.toBe(first);
  });

  it.each<GeoperaErrorKind>(['payment_required', 'invalid_input', 'not_found', 'gone', 'rejected'])(
    'is free once %s is the answer to a try whose first answer was lost',
    async (kind) => {
      const { spend } = start();
      const first = await spend(order, lost);
      expect(await spend(order, failure({ kind }))).toBe(first);
      expect(await spend()).not.toBe(first);
    },
  );

  it.each<[string, Partial<typeof order>]>([
    ['owner', { owner: 'bob' }],
    ['operation', { operationId: 'orders.archive.place' }],
    ['input', { input: { workspaceId: 'w', tags: ['b'] } }],
  ])('is no other %s’s', async (_, other) => {
    const { spend } = start();
    const first = await spend(order, lost);
    expect(await spend({ ...order, ...other })).not.toBe(first);
    expect(await spend()).toBe(first);
  });

  it('is the same in whatever order the input comes', async () => {
    const { spend } = start();
    const first = await spend(order, lost);
    const input = { tags: ['a'], workspaceId: 'w' };
    expect(await spend({ ...order, input })).toBe(first);
  });

  it('is forgotten when the API has forgotten it, counted from its first use', async () => {
    const { spend, pass } = start();
    const first = await spend(order, lost);
    pass(23 * HOUR);
    expect(await spend(order, lost)).toBe(first);
    pass(2 * HOUR);
    expect(await spend()).not.toBe(first);
  });

  it('is open while the fate of an earlier try is, to the same owner', async () => {
    const { spend, spends } = start();
    expect(await spends.openKey(order)).toBeUndefined();
    const first = await spend(order, lost);
    expect(await spends.openKey(order)).toBe(first);
    expect(await spends.openKey({ ...order, owner: 'bob' })).toBeUndefined();
    await spend();
    expect(await spends.openKey(order)).toBeUndefined();
  });
});

describe('equal spends at once', () => {
  /** Begins two of them; each ends as it is told. */
  function startTwo() {
    const world = start();
    const sent: string[] = [];
    const begin = (key: string) => {
      let end: (fate?: Error) => void = () => undefined;
      const answered = new Promise<void>((resolve, reject) => {
        end = (fate) => (fate === undefined ? resolve() : reject(fate));
      });
      const done = world.spends.during(order, key, (used) => {
        sent.push(used);
        return answered;
      });
      const ended = done.catch(() => undefined);
      return { ended, end };
    };
    return { ...world, sent, one: begin('one'), other: begin('other') };
  }

  it('are one', async () => {
    const { one, other, sent } = startTwo();
    one.end();
    other.end();
    await Promise.all([one.ended, other.ended]);
    expect(sent).toEqual(['one', 'one']);
  });

  it.each([
    ['succeeded', undefined],
    ['was refused', refused],
  ])('keep their key where the first %s and the answer of the second was lost', async (_, fate) => {
    const { one, other, spend } = startTwo();
    one.end(fate);
    await one.ended;
    other.end(lost);
    await other.ended;
    expect(await spend()).toBe('one');
  });

  const busy = failure({ kind: 'rate_limited' });

  it('keep their key where the answer of the first was lost and the second came too soon', async () => {
    const { one, other, spend } = startTwo();
    one.end(lost);
    await one.ended;
    other.end(busy);
    await other.ended;
    expect(await spend()).toBe('one');
  });

  it('leave none where the first succeeded and the second came too soon', async () => {
    const { one, other, spend } = startTwo();
    one.end();
    await one.ended;
    other.end(busy);
    await other.ended;
    expect(await spend()).not.toBe('one');
  });
});

describe('equal acts at once that cost nothing', () => {
  const act = { ...order, operationId: 'collections.create' };
  const begin = ({ spends }: ReturnType<typeof start>, key: string, fate?: Error) => {
    const used: string[] = [];
    const done = spends.freely(act, key, async (it) => {
      used.push(it);
      // Until the other has begun as well.
      await Promise.resolve();
      if (fate !== undefined) throw fate;
    });
    return done.catch(() => undefined).then(() => used[0]);
  };

  it('are as many as were asked for', async () => {
    const world = start();
    expect(await Promise.all([begin(world, 'one'), begin(world, 'other')])).toEqual([
      'one',
      'other',
    ]);
  });

  it('are others after a while, as what was begun then may be over', async () => {
    const world = start();
    expect(await begin(world, 'one', lost)).toBe('one');
    world.pass(HOUR / 4 - 1);
    expect(await begin(world, 'two', lost)).toBe('one');
    world.pass(1);
    expect(await begin(world, 'three')).toBe('three');
  });

  it('are found again by their key where an answer was lost', async () => {
    const world = start();
    expect(await begin(world, 'one', lost)).toBe('one');
    expect(await begin(world, 'two', failure({ kind: 'rate_limited' }))).toBe('one');
    expect(await begin(world, 'three')).toBe('one');
    expect(await begin(world, 'four')).toBe('four');
    expect(await begin(world, 'five', refused)).toBe('five');
    expect(await begin(world, 'six')).toBe('six');
  });
});

describe('what is kept of spends', () => {
  it('is bounded, and the oldest goes first', async () => {
    const { spend } = start();
    const act = (n: number) => ({ ...order, owner: String(n) });
    for (let n = 0; n <= 10_000; n += 1) await spend(act(n), lost, `key of ${n}`);
    expect(await spend(act(1))).toBe('key of 1');
    expect(await spend(act(10_000))).toBe('key of 10000');
    expect(await spend(act(0))).not.toBe('key of 0');
  });

  it('may be out of reach once the money is spent, which is no failure of the spend', async () => {
    const { memory } = start();
    const spends = new SpendKeys(() => ({
      use: (...it) => memory.use(...it),
      openSpend: (...it) => memory.openSpend(...it),
      beginSpend: (...it) => memory.beginSpend(...it),
      endSpend: () => Promise.reject(new Error('away')),
    }));
    expect(await spends.during(order, 'k', async () => 'placed')).toBe('placed');
    const failing = spends.during(order, 'k', () => Promise.reject(refused));
    await expect(failing).rejects.toBe(refused);
  });
});
