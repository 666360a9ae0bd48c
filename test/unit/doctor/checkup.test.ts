import { describe, expect, it, vi } from 'vitest';
import { checkUp } from '../../../src/doctor/checkup.ts';
import { reportFacts, reportWords } from '../../../src/doctor/report.ts';
import { failing, foundBy, patient, statesOf } from './patients.ts';

const signal = new AbortController().signal;

describe('a check-up', () => {
  it('finds nothing where all is well', async () => {
    const findings = await checkUp(patient(), signal);
    expect(findings.filter(({ state }) => state !== 'ok')).toEqual([]);
    expect([...new Set(findings.map(({ check }) => check))]).toEqual([
      'address',
      'clock',
      'operations',
      'token',
      'scopes',
      'folders',
      'state folder',
      'transfers',
    ]);
    expect(reportWords(findings)).toMatch(/\n\nAll is well\.$/);
    expect(reportFacts(findings)).toEqual({ ok: true, findings });
  });

  it('asks the API each question once', async () => {
    const { openapi, userinfo, ...rest } = patient();
    const asked = { openapi: vi.fn(openapi), userinfo: vi.fn(userinfo) };
    await checkUp({ ...rest, ...asked }, signal);
    expect([asked.openapi, asked.userinfo].map((ask) => ask.mock.calls.length)).toEqual([1, 1]);
  });

  it('never tells the token, and says what to do about whatever is not well', async () => {
    const ills = [
      { openapi: failing('unreachable') },
      { userinfo: failing('unauthenticated', 401) },
      { userinfo: async () => ({ scope: 'items:read' }) },
      { allowDirs: ['/no/such/folder'], stateDir: undefined, workingDirectory: '/' },
    ];
    for (const ill of ills) {
      const findings = await checkUp(patient(ill), signal);
      expect(JSON.stringify(findings)).not.toContain('s3cr3t');
      for (const { state, advice = '' } of findings) {
        expect(advice).toMatch(state === 'ok' ? /^$/ : /^[A-Z].*\.$/);
      }
    }
  });

  it('goes on where a check breaks down', async () => {
    const transfers = () => Promise.reject(new Error('EIO'));
    expect(await foundBy('transfers', { transfers })).toMatchObject([
      { state: 'fault', found: expect.stringContaining('EIO') },
    ]);
    expect(await statesOf('state folder', { transfers })).toEqual(['ok']);
  });

  it('ends when it is told to, whatever it waits for', async () => {
    const end = new AbortController();
    const openapi = () => {
      end.abort(new Error('enough'));
      return new Promise<never>(() => undefined);
    };
    await expect(checkUp(patient({ openapi }), end.signal)).rejects.toThrow('enough');
  });

  it('does not wait for a check without end', async () => {
    const limit = new AbortController();
    vi.spyOn(AbortSignal, 'timeout').mockReturnValue(limit.signal);
    const transfers = () => {
      limit.abort(new Error('too long'));
      return new Promise<never>(() => undefined);
    };
    const findings = await checkUp(patient({ transfers }), signal);
    vi.restoreAllMocks();
    expect(findings.at(-1)).toMatchObject({
      state: 'fault',
      found: expect.stringContaining('45 s'),
    });
  });
});

describe('the report', () => {
  it('has a line for each finding, and under it what to do', () => {
    const words = reportWords([
      { check: 'address', state: 'ok', found: 'answers' },
      { check: 'clock', state: 'fault', found: 'is off', details: ['by much'], advice: 'Set it.' },
      { check: 'token', state: 'warning', found: 'ends', advice: 'Renew it.' },
    ]);
    expect(words.split('\n')).toEqual([
      'ok       address  answers',
      'fault    clock    is off',
      '                  - by much',
      '                  → Set it.',
      'warning  token    ends',
      '                  → Renew it.',
      '',
      '1 fault, 1 warning.',
    ]);
  });

  it('is not well for a program if there is a fault, and only then', () => {
    const finding = (state: 'warning' | 'fault') => ({
      check: 'a',
      state,
      found: 'b',
      advice: 'C.',
    });
    expect(reportFacts([finding('warning')])).toMatchObject({ ok: true });
    expect(reportFacts([finding('warning'), finding('fault')])).toMatchObject({ ok: false });
  });
});
