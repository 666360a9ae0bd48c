import { describe, expect, it } from 'vitest';
import type { OpteryxFault } from '../../../../src/sandbox/opteryx/opteryx_emulator.ts';
import { negotiation, opteryxFor, TABLE, TARGET } from './opteryx_fixture.ts';

const CSV = 'id\n1\n2\n';

describe('a fault', () => {
  it.each<[OpteryxFault['do'], number, unknown]>([
    [{ status: 504 }, 504, { detail: 'Gateway Timeout' }],
    [{ status: 409, body: { detail: 'No.' } }, 409, { detail: 'No.' }],
    [{ status: 429, retry_after: 7 }, 429, { detail: 'Too Many Requests' }],
    [{ expire_token: true }, 401, { detail: 'Invalid token' }],
    [{ expire_session: true }, 410, { detail: 'Session expired' }],
  ])('%j strikes a part once and leaves nothing', async (action, status, body) => {
    const { emulator, session, put } = await opteryxFor();
    const id = await session();
    emulator.inject({ on: 'upload_part', do: action });
    expect(await put(id, 0, CSV)).toEqual({ status, body });
    expect(emulator.state()).toMatchObject({ faults_struck: 1, sessions: [{ parts: [] }] });
    expect((await put(id, 0, CSV)).status).toBe('expire_session' in action ? 410 : 201);
  });

  it('says when to come again', async () => {
    const { emulator } = await opteryxFor();
    emulator.inject({ on: 'health', do: { status: 429, retry_after: 7 } });
    const response = await fetch(`${emulator.uploadUrl}/health`);
    expect(response.headers.get('retry-after')).toBe('7');
  });

  it('of v2 is answered as v2 answers', async () => {
    const { emulator, call } = await opteryxFor();
    emulator.inject({ on: 'v2.get', do: { status: 504 } });
    expect(await call('GET', '/v2/contracts/any')).toEqual({
      status: 504,
      body: {
        error: { code: 'internal', message: 'Gateway Timeout', reference: expect.any(String) },
      },
    });
  });

  it('leaves as many calls alone as it says, and strikes as often', async () => {
    const { emulator, session, put } = await opteryxFor();
    const id = await session();
    emulator.inject({ on: 'upload_part', after: 1, times: 2, do: { status: 504 } });
    const statuses: number[] = [];
    for (const part of [0, 1, 2, 3]) statuses.push((await put(id, part, CSV)).status);
    expect(statuses).toEqual([201, 504, 504, 201]);
  });

  it('can be called off', async () => {
    const { emulator, session } = await opteryxFor();
    emulator.inject({ on: 'start_session', do: { status: 504 } });
    emulator.clearFaults();
    expect(await session()).toMatch(/^20260101000000-/);
  });

  it.each(['cut_after_bytes', 'stall_after_bytes'] as const)(
    'breaks a body off: %s',
    async (what) => {
      const { emulator, session, put, token } = await opteryxFor();
      const id = await session();
      const action = what === 'cut_after_bytes' ? { [what]: 3 } : { stall_after_bytes: 3 };
      emulator.inject({ on: 'upload_part', do: action });
      const leaving = new AbortController();
      const sent = fetch(`${emulator.uploadUrl}/v1/upload/${id}?part=0`, {
        method: 'PUT',
        headers: { Authorization: `Bearer ${await token()}`, 'x-file-name': 'a.csv' },
        body: CSV,
        signal: leaving.signal,
      });
      const failed = expect(sent).rejects.toThrow();
      if (what === 'stall_after_bytes') {
        await expect.poll(() => emulator.state().faults_struck).toBe(1);
        leaving.abort();
      }
      await failed;
      expect(emulator.state().sessions[0]?.parts).toEqual([]);
      expect((await put(id, 0, CSV)).status).toBe(201);
    },
  );

  it.each(['append', 'overwrite', 'fail'])(
    'loses the answer of a commit that was carried out (%s)',
    async (conflict) => {
      const { emulator, session, put, commit } = await opteryxFor();
      const id = await session();
      await put(id, 0, CSV);
      emulator.inject({ on: 'commit', do: { lose_answer: true } });
      await expect(commit(id, { conflict_resolution: conflict })).rejects.toThrow();
      expect(emulator.state()).toMatchObject({ commits_executed: 1, calls: { commit: 1 } });
      expect(emulator.rowsOf(TABLE)).toHaveLength(2);
    },
  );

  it('makes a contract stale', async () => {
    const { emulator, call } = await opteryxFor();
    const schema = { mode: 'declared', columns: [{ name: 'id', type: 'INT64' }] };
    const body = negotiation({ target: TARGET, schema }, { name: 'a.csv', body: CSV });
    await call('POST', '/v2/contracts', { body });
    const id = emulator.state().contracts[0]?.id;
    emulator.inject({ on: 'v2.data', do: { stale: true } });
    const headers = { 'x-file-name': 'a.csv' };
    expect(await call('POST', `/v2/contracts/${id}/data`, { body: CSV, headers })).toMatchObject({
      status: 409,
      body: { error: { code: 'contract_stale', written_discarded: true } },
    });
    expect(emulator.state().contracts[0]?.state).toBe('stale');
  });

  it('takes a body slowly, and does not wait for it when it is over', async () => {
    const { emulator, session, token } = await opteryxFor();
    const id = await session();
    emulator.inject({ on: 'upload_part', do: { bytes_per_second: 1 } });
    const leaving = new AbortController();
    const sent = fetch(`${emulator.uploadUrl}/v1/upload/${id}?part=0`, {
      method: 'PUT',
      headers: { Authorization: `Bearer ${await token()}`, 'x-file-name': 'a.csv' },
      body: `id\n${'1\n'.repeat(100_000)}`,
      signal: leaving.signal,
    });
    const failed = expect(sent).rejects.toThrow();
    await expect.poll(() => emulator.state().faults_struck).toBe(1);
    leaving.abort();
    await failed;
    expect(emulator.state().sessions[0]?.parts).toEqual([]);
  });

  it('of what is no call is none', async () => {
    const { emulator } = await opteryxFor();
    const fault: OpteryxFault = { on: 'commit', times: 0, do: { lose_answer: true } };
    expect(() => emulator.inject(fault)).toThrow();
  });
});
