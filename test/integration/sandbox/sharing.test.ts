import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { call, sandboxFor, succeed, temporaryFolder, withId } from './sandbox_fixture.ts';

const DAY = 24 * 60 * 60 * 1000;
const madeLink = z.object({ id: z.string(), token: z.string() }).passthrough();

describe('a share link', () => {
  const until = '2026-06-01T00:00:00Z';
  let passed = 0;
  const now = () => new Date(Date.UTC(2026, 0, 1) + passed);

  async function shared() {
    passed = 0;
    const dataDir = await temporaryFolder();
    const sandbox = await sandboxFor({ dataDir, now });
    const wanted = { project_id: sandbox.projectId, name: 'Shared' };
    const collection = await succeed(sandbox, 'collections.create', wanted, withId);
    const link = await succeed(
      sandbox,
      'share.link.create',
      {
        target_type: 'collection',
        target_id: collection.id,
        password: 'correct horse',
        expires_at: until,
      },
      madeLink,
    );
    const open = (password: string, token = link.token) =>
      call(sandbox, 'share.link.validate', { token, password });
    return { sandbox, dataDir, collection, link, open };
  }

  it('opens with token and password, of which nothing is kept', async () => {
    const { collection, dataDir, link, open } = await shared();
    expect((await open('correct horse')).body).toMatchObject({
      permission: 'view',
      target_type: 'collection',
      target: { id: collection.id, name: 'Shared' },
    });
    const kept = await readFile(join(dataDir, 'sandbox-state.json'), 'utf8');
    expect(kept).toContain(link.id);
    expect(kept).not.toContain(link.token);
    expect(kept).not.toContain('correct horse');
  });

  it('does not open with another password or token, once revoked, or once it has ended', async () => {
    const { link, open, sandbox } = await shared();
    expect((await open('wrong horse')).status).toBe(403);
    expect((await open('correct horse', 'shr_none')).status).toBe(404);
    passed = 200 * DAY;
    expect((await open('correct horse')).status).toBe(410);
    passed = 0;
    expect((await open('correct horse')).status).toBe(200);
    expect((await call(sandbox, 'share.link.revoke', { link_id: link.id })).status).toBe(200);
    expect((await open('correct horse')).status).toBe(410);
  });

  it.each([
    [{ target_id: 'it_none' }, 404],
    [{ expires_at: '2020-01-01T00:00:00Z' }, 422],
    [{ password: 'short' }, 422],
  ])('is not made of %j', async (extra, status) => {
    const { collection, sandbox } = await shared();
    const input = {
      target_type: 'collection',
      target_id: collection.id,
      password: 'correct horse',
      expires_at: until,
      ...extra,
    };
    expect((await call(sandbox, 'share.link.create', input)).status).toBe(status);
  });
});

describe('a webhook', () => {
  const wanted = { event_type: 'order.fulfilled', endpoint_url: 'https://example.com/hook' };
  const made = z.object({ id: z.string(), secret: z.string() }).passthrough();

  it('is made with a secret that is shown once, changed, tried and removed', async () => {
    const sandbox = await sandboxFor();
    const { id, secret } = await succeed(sandbox, 'event_subscriptions.create', wanted, made);
    const ask = async (operation: string, extra: object = {}) =>
      (await call(sandbox, `event_subscriptions.${operation}`, { subscription_id: id, ...extra }))
        .body;
    await ask('update', { active: false, description: 'paused' });
    expect(await ask('get')).toMatchObject({ subscription: { id, active: false } });
    const listed = await call(sandbox, 'event_subscriptions.list', { active: false });
    expect(listed.body).toMatchObject({ subscriptions: [{ id, description: 'paused' }] });
    expect(JSON.stringify(listed.body)).not.toContain(secret);
    expect(await ask('test')).toMatchObject({ delivered: false, event_type: 'order.fulfilled' });
    expect(await ask('delete')).toEqual({ deleted: true });
    expect(await ask('get')).toMatchObject({ status: 404 });
  });

  it('is told of nothing over plain HTTP', async () => {
    const input = { ...wanted, endpoint_url: 'http://example.com/hook' };
    const answer = await call(await sandboxFor(), 'event_subscriptions.create', input);
    expect(answer.status).toBe(422);
  });
});

describe('an alert rule', () => {
  it('is made, changed, listed and removed', async () => {
    const sandbox = await sandboxFor();
    const wanted = { name: 'dry', expression: 'b1', comparison: 'lt', threshold: 0.2 };
    const rule = z.object({ alert_rule: withId.passthrough() });
    const { alert_rule } = await succeed(sandbox, 'alerts.create_rule', wanted, rule);
    const rule_id = alert_rule.id;
    expect(alert_rule).toMatchObject({ asset_key: 'data', active: true, cooldown_minutes: 60 });
    await call(sandbox, 'alerts.update_rule', { rule_id, active: false, threshold: 0.1 });
    const listed = await call(sandbox, 'alerts.rules.list', { active: false });
    expect(listed.body).toMatchObject({ alert_rules: [{ id: rule_id, threshold: 0.1 }] });
    const gone = await call(sandbox, 'alerts.delete_rule', { rule_id });
    expect(gone.body).toEqual({ deleted: true });
    expect((await call(sandbox, 'alerts.rule.get', { rule_id })).status).toBe(404);
  });
});
