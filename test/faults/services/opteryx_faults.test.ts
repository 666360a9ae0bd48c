import { describe, expect, it } from 'vitest';
import type { OpteryxFault } from '../../../src/sandbox/opteryx/opteryx_emulator.ts';
import { systemClock } from '../../../src/transfer/clock.ts';
import {
  type ServicesOptions,
  type ServicesWorld,
  ships,
  startServicesWorld,
} from './services_world.ts';

const DECLARED: ServicesOptions['opteryx'] = {
  datasets: [
    {
      table: 'acme.port.ships',
      columns: { id: 'INTEGER', name: 'VARCHAR', draught: 'DOUBLE' },
      rows: 2,
    },
  ],
};
const status = (code: number, detail: unknown = `refused with ${code}`) =>
  ({ status: code, body: { detail } }) as const;

/** Nothing is staged anywhere, and no contract is open. */
function expectNothingStaged({ opteryx }: ServicesWorld): void {
  const { sessions, contracts } = opteryx.state();
  expect(sessions.filter((it) => it.state === 'open').flatMap(({ parts }) => parts)).toEqual([]);
  const open = contracts.filter((it) => !['committed', 'abandoned'].includes(it.state));
  expect(open).toEqual([]);
}

interface Row {
  readonly fault?: OpteryxFault;
  readonly emulator?: ServicesOptions['opteryx'];
  readonly rows?: string;
  readonly more?: object;
  readonly code: string;
  readonly words: RegExp;
}

const APPEND = { conflict_resolution: 'append' };

/** By sessions: what happens, and what the model reads. */
const SESSIONS: Readonly<Record<string, Row>> = {
  'a part fails': {
    fault: { on: 'upload_part', times: 99, do: status(504) },
    code: 'opteryx_unavailable',
    words: /failed while it was sent.*504.*Nothing of it is left at Opteryx/s,
  },
  'a part is cut off on its way, each time': {
    fault: { on: 'upload_part', times: 99, do: { cut_after_bytes: 10 } },
    code: 'opteryx_unreachable',
    words: /Nothing of it is left/,
  },
  'the session expires meanwhile': {
    fault: { on: 'upload_part', do: { expire_session: true } },
    code: 'opteryx_gone',
    words: /410.*Begin again/s,
  },
  'a part is too large for the service': {
    fault: { on: 'upload_part', do: status(413, 'at most 30 MB') },
    code: 'opteryx_too_large',
    words: /413.*at most 30 MB.*Nothing of it is left/s,
  },
  'a value cannot be cast': {
    emulator: DECLARED,
    rows: 'id,name,draught\n1,Ever,deep\n',
    more: APPEND,
    code: 'opteryx_conflict',
    words: /draught.*deep.*Nothing of it is left/s,
  },
  'a value cannot be cast, told as 422': {
    fault: {
      on: 'upload_part',
      do: status(422, [{ loc: ['body', 'draught'], msg: 'deep is no number', type: 'cast' }]),
    },
    code: 'opteryx_invalid_input',
    words: /422.*draught: deep is no number/s,
  },
  'somebody makes the dataset before the commit': {
    fault: { on: 'commit', do: status(409, 'the dataset exists') },
    code: 'opteryx_conflict',
    words: /failed when it was committed.*the dataset exists.*Nothing of it is left/s,
  },
  'the look at the parts fails': {
    fault: { on: 'inspect', times: 99, do: status(504) },
    code: 'opteryx_unavailable',
    words: /when what arrived was looked at.*Nothing of it is left/s,
  },
  'the credentials are refused': {
    fault: { on: 'token', times: 99, do: status(401, 'who is that?') },
    code: 'opteryx_unauthenticated',
    words: /OPTERYX_CLIENT_ID/,
  },
};

describe('a table on its way by a session', () => {
  it.each(Object.entries(SESSIONS))('leaves nothing where %s', async (_what, row) => {
    const world = await startServicesWorld({ ...(row.emulator && { opteryx: row.emulator }) });
    if (row.fault !== undefined) world.opteryx.inject(row.fault);
    const path = await world.file('ships.csv', row.rows ?? ships(50));
    const answer = await world.toOpteryx(path, row.more);
    expect(answer).toMatchObject({ isError: true, errorCode: row.code });
    expect(answer.text).toMatch(row.words);
    expect(answer.text).not.toContain(world.opteryx.clientSecret);
    expectNothingStaged(world);
    expect(world.opteryx.state().commits_executed).toBe(0);
    // The process lives, and the same works once the fault is over.
    world.opteryx.clearFaults();
    const again = await world.toOpteryx(await world.file('ships.csv', ships(3)), row.more);
    expect(again.facts).toMatchObject({ status: 'completed', table: 'acme.port.ships' });
  });

  it('names the parts that could not be deleted, with when they go', async () => {
    const world = await startServicesWorld();
    world.opteryx.inject({ on: 'commit', do: status(409) });
    world.opteryx.inject({ on: 'delete_part', times: 99, do: status(504) });
    const answer = await world.toOpteryx(await world.file('ships.csv', ships(5)));
    const [session] = world.opteryx.state().sessions;
    expect(session?.parts).toHaveLength(1);
    expect(answer.text).toContain(
      `1 part of session ${session?.id} stayed and could not be removed`,
    );
    expect(answer.text).toMatch(/goes by itself \(.*\d{4}-\d{2}-\d{2}T/);
  });

  it('whose commit is not answered is told as unknown, and never sent again', async () => {
    const world = await startServicesWorld();
    world.opteryx.inject({ on: 'commit', do: { lose_answer: true } });
    const answer = await world.toOpteryx(await world.file('ships.csv', ships(5)));
    expect(answer).toMatchObject({ isError: true, errorCode: 'opteryx_outcome_unknown' });
    expect(answer.text).toMatch(/may be done.*look at the table/s);
    const { calls, commits_executed } = world.opteryx.state();
    expect({ calls: calls.commit, commits_executed, deleted: calls.delete_part }).toEqual({
      calls: 1,
      commits_executed: 1,
      deleted: 0,
    });
    expect(world.opteryx.rowsOf('acme.port.ships')).toHaveLength(5);
  });

  it('that is cancelled between its parts leaves none of them', async () => {
    // A part may come a moment after its connection was closed, so waits are real here.
    const world = await startServicesWorld({ world: { engineClock: systemClock } });
    const cancel = new AbortController();
    const files = await Promise.all(
      Array.from({ length: 6 }, (_, at) => world.file(`ships_${at}.csv`, ships(40 + at))),
    );
    world.opteryx.inject({ on: 'upload_part', after: 3, do: { stall_after_bytes: 1 } });
    const [path = '', ...paths] = files;
    const answer = world.toOpteryx(path, { paths }, { signal: cancel.signal });
    answer.catch(() => undefined);
    await expect.poll(() => world.opteryx.state().faults_struck).toBe(1);
    cancel.abort('enough');
    await expect(answer).rejects.toThrow('enough');
    await expect
      .poll(() => world.call('transfer_status', {}).then(({ text }) => text))
      .toContain('cancelled');
    expectNothingStaged(world);
  });
});

/** By contracts. */
const CONTRACTS: Readonly<Record<string, Row>> = {
  'the data breaks off': {
    fault: { on: 'v2.data', do: { cut_after_bytes: 20 } },
    code: 'opteryx_unreachable',
    words: /failed while it was sent.*Nothing of it is left/s,
  },
  'a value cannot be cast': {
    fault: {
      on: 'v2.data',
      do: {
        status: 409,
        body: {
          error: {
            code: 'value_not_castable',
            message: 'no number',
            column: 'draught',
            row: 3,
            value: 'deep',
          },
        },
      },
    },
    code: 'opteryx_value_not_castable',
    words: /column: draught, row: 3, value: deep.*declare another type/s,
  },
  'the contract expires meanwhile': {
    fault: { on: 'v2.data', do: { expire_session: true } },
    code: 'opteryx_contract_expired',
    words: /Begin again/,
  },
  'the service is down at the commit': {
    fault: { on: 'v2.commit', times: 99, do: status(409, 'the dataset exists') },
    code: 'opteryx_conflict',
    words: /when it was committed.*Nothing of it is left/s,
  },
};

describe('a table on its way under a contract', () => {
  const planned = async (world: ServicesWorld, path: string) => {
    const plan = await world.toOpteryx(path);
    expect(plan.facts).toMatchObject({ status: 'plan' });
    expectNothingStaged(world);
    return { accept_plan: plan.facts['accept_plan'] };
  };

  it.each(Object.entries(CONTRACTS))('leaves nothing where %s', async (_what, row) => {
    const world = await startServicesWorld({ api: 'v2' });
    const path = await world.file('ships.csv', ships(50));
    const accepted = await planned(world, path);
    if (row.fault !== undefined) world.opteryx.inject(row.fault);
    const answer = await world.toOpteryx(path, accepted);
    expect(answer).toMatchObject({ isError: true, errorCode: row.code });
    expect(answer.text).toMatch(row.words);
    expectNothingStaged(world);
    world.opteryx.clearFaults();
    const again = await world.toOpteryx(path, { ...accepted, snapshot_message: 'again' });
    expect(again.facts).toMatchObject({ status: 'completed', rows_written: 50 });
  });

  it('whose commit is not answered is committed once, under its key', async () => {
    const world = await startServicesWorld({ api: 'auto' });
    const path = await world.file('ships.csv', ships(7));
    const accepted = await planned(world, path);
    world.opteryx.inject({ on: 'v2.commit', do: { lose_answer: true } });
    const answer = await world.toOpteryx(path, accepted);
    expect(answer.facts).toMatchObject({ status: 'completed', rows_written: 7 });
    expect(world.opteryx.state()).toMatchObject({ commits_executed: 1 });
    expect(world.opteryx.state().calls['v2.commit']).toBe(2);
    expect(world.opteryx.rowsOf('acme.port.ships')).toHaveLength(7);
  });
});
