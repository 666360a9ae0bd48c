import { describe, expect, it } from 'vitest';
import { meterSessions } from '../../../src/metrics/metered_sessions.ts';
import { createServerMetrics } from '../../../src/metrics/server_metrics.ts';
import { uploads } from '../../../src/operations/uploads.ts';
import type { SessionEntry, SessionJournal } from '../../../src/workflows/session_journal.ts';
import { figure } from './figures.ts';

const facts = { projectId: 'p', files: [], bytes: 0 };
const initiate = uploads.initiate.input.parse({ project_id: 'p' });

/** A journal that keeps nothing but what it was asked, over which reservations are counted. */
async function metered() {
  const asked: unknown[] = [];
  const journal: SessionJournal = {
    async begin(session) {
      asked.push(session);
      return {
        intend: async (...args) => void asked.push(['intend', ...args]),
        note: async (news) => void asked.push(['note', news]),
        mayComplete: async () => {
          asked.push(['mayComplete']);
          return false;
        },
        remove: async () => void asked.push(['remove']),
        leave: async () => {
          asked.push(['leave']);
          return true;
        },
      };
    },
  };
  const metrics = createServerMetrics({ tools: [], routes: [], openSessions: () => 0 });
  const entry = await meterSessions(journal, metrics.reservations).begin(facts);
  return {
    entry,
    asked,
    counted: async () => {
      const text = await metrics.text();
      return {
        open: figure(text, 'geopera_mcp_reservations_open'),
        left: figure(text, 'geopera_mcp_reservations_left_total'),
      };
    },
  };
}

const intend = (entry: SessionEntry) => entry.intend(initiate, 'key');

describe('reservations are counted', () => {
  it.each<[string, (entry: SessionEntry) => Promise<unknown>, { open: number; left: number }]>([
    ['not before they are asked for', async () => undefined, { open: 0, left: 0 }],
    ['from then on', intend, { open: 1, left: 0 }],
    [
      'once, though they are asked for twice',
      async (entry) => {
        await intend(entry);
        await intend(entry);
      },
      { open: 1, left: 0 },
    ],
    [
      'until they are over',
      async (entry) => {
        await intend(entry);
        await entry.remove();
      },
      { open: 0, left: 0 },
    ],
    [
      'as left where nobody knows that they are over',
      async (entry) => {
        await intend(entry);
        await entry.leave();
      },
      { open: 0, left: 1 },
    ],
    [
      'as over once, though it is told twice',
      async (entry) => {
        await intend(entry);
        await entry.remove();
        await entry.remove();
        await entry.leave();
      },
      { open: 0, left: 0 },
    ],
    ['not as over where none was asked for', (entry) => entry.remove(), { open: 0, left: 0 }],
  ])('%s', async (_when, act, figures) => {
    const { entry, counted } = await metered();
    await act(entry);
    expect(await counted()).toEqual(figures);
  });
});

it('the journal beneath is told everything, and answers', async () => {
  const { entry, asked } = await metered();
  await intend(entry);
  await entry.note({ uploadId: 'u', step: 'transfer' });
  expect(await entry.mayComplete(new AbortController().signal)).toBe(false);
  await entry.remove();
  expect(await entry.leave()).toBe(true);
  expect(asked).toEqual([
    facts,
    ['intend', initiate, 'key'],
    ['note', { uploadId: 'u', step: 'transfer' }],
    ['mayComplete'],
    ['remove'],
    ['leave'],
  ]);
});
