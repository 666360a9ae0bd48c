import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  call,
  organizationOf,
  request,
  sandboxFor,
  succeed,
  temporaryFolder,
  withId,
} from './sandbox_fixture.ts';

const DAY = 24 * 60 * 60 * 1000;
const madeKey = z.object({ id: z.string(), key: z.string(), prefix: z.string() }).passthrough();

describe('credits', () => {
  it('are bought with 201, once by one key', async () => {
    const sandbox = await sandboxFor({ openingCredits: 100 });
    const buy = () =>
      request(sandbox, 'billing.topup', { credits: 500 }, { 'Idempotency-Key': 'k' });
    const [first, second] = [await buy(), await buy()];
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(await first.json()).toMatchObject({ credits: 500, charged_aud: 5, balance: 600 });
    const balance = await call(sandbox, 'billing.credits.balance', {});
    expect(balance.body).toMatchObject({ balance: 600, balance_aud: 6 });
    const ledger = await call(sandbox, 'billing.credits.transactions', { reason: 'topup' });
    expect(ledger.body).toMatchObject({ transactions: [{ amount: 500, reason: 'topup' }] });
  });

  it.each([[undefined], [{}], [{ credits: 0 }], [{ credits: 'many' }]])(
    'are not bought by %j',
    async (body) => {
      expect((await call(await sandboxFor(), 'billing.topup', body)).status).toBe(422);
    },
  );

  it('survive a restart', async () => {
    const dataDir = await temporaryFolder();
    const first = await sandboxFor({ dataDir });
    await call(first, 'billing.topup', { credits: 1 });
    await first.close();
    const second = await sandboxFor({ dataDir });
    const balance = await call(second, 'billing.credits.balance', {});
    expect(balance.body).toMatchObject({ balance: 50_001 });
  });
});

describe('an API key', () => {
  it('works with what it was given, until it is revoked; its secret is shown once', async () => {
    const dataDir = await temporaryFolder();
    const sandbox = await sandboxFor({ dataDir });
    const wanted = { name: 'ci', permissions: ['items:read'] };
    const made = await succeed(sandbox, 'api_keys.create', wanted, madeKey);
    expect(made.key.startsWith(made.prefix)).toBe(true);
    const list = (token: string) =>
      call(sandbox, 'items.list', { project_id: sandbox.projectId }, token);
    expect((await list(made.key)).status).toBe(200);
    expect((await call(sandbox, 'api_keys.list', {}, made.key)).status).toBe(403);

    const listed = await call(sandbox, 'api_keys.list', {});
    expect(listed.body).toMatchObject({ api_keys: [{ id: made.id, name: 'ci' }] });
    expect(JSON.stringify(listed.body)).not.toContain(made.key);
    await call(sandbox, 'api_keys.revoke', { key_id: made.id });
    expect((await list(made.key)).status).toBe(401);
    expect(await readFile(join(dataDir, 'sandbox-state.json'), 'utf8')).not.toContain(made.key);
  });

  it('ends when its days are over', async () => {
    let passed = 0;
    const now = () => new Date(Date.UTC(2026, 0, 1) + passed);
    const sandbox = await sandboxFor({ now });
    const wanted = { name: 'short', permissions: ['items:*'], expires_in_days: 2 };
    const { key } = await succeed(sandbox, 'api_keys.create', wanted, madeKey);
    const status = async () =>
      (await call(sandbox, 'items.list', { project_id: sandbox.projectId }, key)).status;
    passed = 2 * DAY - 1;
    expect(await status()).toBe(200);
    passed = 2 * DAY;
    expect(await status()).toBe(401);
  });

  it.each([
    [['*'], 403],
    [['items:*'], 403],
    [['items:read'], 200],
    [['api_keys:write', 'items:read'], 200],
  ])('with %j made by one that may read items: %i', async (permissions, status) => {
    const sandbox = await sandboxFor();
    const token = sandbox.issueToken({ scopes: ['api_keys:write', 'items:read'] });
    const answer = await call(sandbox, 'api_keys.create', { name: 'k', permissions }, token);
    expect(answer.status).toBe(status);
  });

  it('has no inbox', async () => {
    const sandbox = await sandboxFor();
    const wanted = { name: 'k', permissions: ['*'] };
    const { key } = await succeed(sandbox, 'api_keys.create', wanted, madeKey);
    await call(sandbox, 'processing.create_and_dispatch', { job_type_name: 'hillshade' });
    const listing = z.object({ jobs: z.array(z.object({ jobID: z.string() })) });
    const { jobs } = await succeed(sandbox, 'processing.jobs.list', {}, listing);
    const look = { job_id: jobs[0]?.jobID };
    await call(sandbox, 'processing.job.get', look);
    await call(sandbox, 'processing.job.get', look);
    const count = async (token: string) =>
      (await call(sandbox, 'notifications.unread_count', {}, token)).body;
    expect(await count(sandbox.token)).toEqual({ unread_count: 1 });
    expect(await count(key)).toEqual({ unread_count: 0 });
    expect((await call(sandbox, 'notifications.mark_all_read', {})).body).toEqual({
      marked_count: 1,
    });
    const unread = await call(sandbox, 'notifications.list', { unread_only: true });
    expect(unread.body).toEqual({ notifications: [] });
  });
});

describe('the organization', () => {
  it.each(['usage.current', 'usage.history', 'billing.status.get', 'clip.jobs.list'])(
    '%s tells of itself alone',
    async (operation) => {
      const sandbox = await sandboxFor();
      const organization_id = await organizationOf(sandbox);
      expect((await call(sandbox, operation, { organization_id })).status).toBe(200);
      const other = await call(sandbox, operation, { organization_id: 'org_other' });
      expect(other.status).toBe(404);
    },
  );

  it('accepts a licence document', async () => {
    const sandbox = await sandboxFor();
    const listing = z.object({ content: z.array(withId) });
    const [eula] = (await succeed(sandbox, 'eulas.list', {}, listing)).content;
    const of = { eula_id: eula?.id };
    const [newest] = (await succeed(sandbox, 'eulas.documents.list', of, listing)).content;
    const input = { ...of, document_id: newest?.id };
    const read = () => call(sandbox, 'eulas.document.get', input);
    expect((await read()).body).toMatchObject({ id: 'eulad_2026', isAccepted: false });
    await call(sandbox, 'eulas.document.accept', input);
    expect((await read()).body).toMatchObject({ isAccepted: true });
    await call(sandbox, 'eulas.document.accept', { ...input, is_accepted: false });
    expect((await read()).body).toMatchObject({ isAccepted: false });
  });
});
