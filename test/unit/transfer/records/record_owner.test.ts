import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import {
  lifeOf,
  ownerInName,
  ownRecordOwner,
  type RecordOwner,
  readOwner,
} from '../../../../src/transfer/records/record_owner.ts';

const HOUR = 60 * 60 * 1000;
const linux = process.platform === 'linux';

describe('the owner of a record', () => {
  it('is read as it is written, and anything else is nobody', async () => {
    const me = await ownRecordOwner();
    expect(readOwner(ownerInName(me))).toEqual(me);
    for (const text of ['left', '', '1-2', '1-2-zzzzzzzz-', '12345678901-1-00000000-']) {
      expect(readOwner(text), text).toBeUndefined();
    }
  });

  const endedPid = spawnSync(process.execPath, ['--version']).pid;

  it.each<[string, Partial<RecordOwner> | undefined, number, string]>([
    ['this process', {}, 0, 'running'],
    ['this process, long silent', {}, HOUR, linux ? 'running' : 'gone'],
    ['nobody', undefined, 0, 'gone'],
    ['a process that ended', { pid: endedPid }, 0, 'gone'],
    ['a process of before the machine was switched on', { boot: '00000000' }, 0, 'gone'],
    ['a process of another host', { host: '00000000' }, 0, 'elsewhere'],
    ['a process of another host, long silent', { host: '00000000' }, HOUR, 'gone'],
  ])('%s is known as such', async (_who, change, silentMs, life) => {
    const me = await ownRecordOwner();
    const owner = change === undefined ? undefined : { ...me, ...change };
    expect(await lifeOf(owner, me, silentMs)).toBe(life);
  });

  it('whose process ids count elsewhere cannot be looked at, though its host has the same name', async () => {
    const container = await ownRecordOwner(async () => 'pid:[1]');
    const other = await ownRecordOwner(async () => 'pid:[2]');
    const inside = { ...container, pid: endedPid };
    expect(await lifeOf(inside, other, 0)).toBe('elsewhere');
    expect(await lifeOf(inside, container, 0)).toBe('gone');
  });

  it.runIf(linux)('with this process id and another start is gone', async () => {
    const me = await ownRecordOwner();
    expect(await lifeOf({ ...me, started: '1' }, me, 0)).toBe('gone');
  });
});
