import { describe, expect, it } from 'vitest';
import { type Sandbox, type SandboxOptions, startSandbox } from '../../../src/sandbox/sandbox.ts';
import { sandboxFor, temporaryFolder } from './sandbox_fixture.ts';

const HOUR = 60 * 60 * 1000;

/** Opens a session with a key; answers the status and the body as text. */
async function initiate(
  { url, token, projectId }: Sandbox,
  key: string,
  bytes = 10,
  path = '/v1/op/uploads.initiate',
): Promise<{ status: number; body: string }> {
  const answer = await fetch(`${url}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'idempotency-key': key },
    body: JSON.stringify({ project_id: projectId, total_bytes: bytes }),
  });
  return { status: answer.status, body: await answer.text() };
}

describe('an idempotency key', () => {
  it('gets the first answer again, byte for byte, and opens nothing', async () => {
    const sandbox = await sandboxFor();
    const first = await initiate(sandbox, 'k');
    expect(first.status).toBe(200);
    expect(await initiate(sandbox, 'k')).toEqual(first);
    expect(sandbox.state().open_sessions).toBe(1);
  });

  it('opens one session also when both requests are under way at once', async () => {
    const sandbox = await sandboxFor();
    const [one, other] = await Promise.all([initiate(sandbox, 'k'), initiate(sandbox, 'k')]);
    expect(one).toEqual(other);
    expect(sandbox.state().open_sessions).toBe(1);
  });

  it('is refused with another body, and counts for one path alone', async () => {
    const sandbox = await sandboxFor();
    await initiate(sandbox, 'k');
    expect((await initiate(sandbox, 'k', 11)).status).toBe(409);
    expect((await initiate(sandbox, 'k', 11, '/v1/uploads/initiate')).status).toBe(200);
    expect((await initiate(sandbox, 'other')).status).toBe(200);
    expect(sandbox.state().open_sessions).toBe(3);
  });

  it('is free again after a refusal, which did nothing', async () => {
    const sandbox = await sandboxFor({ quotaBytes: 5 });
    expect((await initiate(sandbox, 'k', 10)).status).toBe(402);
    expect((await initiate(sandbox, 'k', 5)).status).toBe(200);
  });

  it('is kept over a restart, and for 24 hours', async () => {
    let passed = 0;
    const options: SandboxOptions = {
      dataDir: await temporaryFolder(),
      now: () => new Date(Date.UTC(2026, 0, 1) + passed),
    };
    const before = await startSandbox(options);
    const first = await initiate(before, 'k');
    await before.close();
    const after = await sandboxFor(options);
    passed = 23 * HOUR;
    expect(await initiate(after, 'k')).toEqual(first);
    passed = 25 * HOUR;
    const late = await initiate(after, 'k');
    expect(late.status).toBe(200);
    expect(late.body).not.toBe(first.body);
  });
});
