import { describe, expect, it } from 'vitest';
import type { LinkedSession } from '../../../src/workflows/linked_session.ts';
import { OpenLinks, TooManyLinks } from '../../../src/workflows/open_links.ts';
import type { SessionNews } from '../../../src/workflows/session_journal.ts';
import type { FailurePoint } from '../../../src/workflows/upload_failed.ts';
import { ManualClock } from '../jobs/manual_clock.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Links by a clock of the test's own. */
function openLinks() {
  const clock = new ManualClock();
  return { clock, links: new OpenLinks(clock) };
}

/** A session that keeps what is done to it. */
function session(uploadId = 'u_1', { owner = 'me', journaled = true } = {}) {
  const ends: FailurePoint[] = [];
  const notes: SessionNews[] = [];
  const entry: string[] = [];
  const linked: LinkedSession = {
    owner,
    uploadId,
    projectId: 'p',
    files: [],
    entry: {
      intend: async () => undefined,
      mayComplete: async () => true,
      async note(news) {
        notes.push(news);
      },
      async remove() {
        entry.push('removed');
      },
      async leave() {
        entry.push('left');
        return journaled;
      },
    },
    async end(point) {
      ends.push(point);
      return { state: 'released' };
    },
  };
  return { linked, ends, notes, entry };
}

describe('a session that waits for its files', () => {
  it.each<[string, (now: number) => number | undefined, number]>([
    ['whose links do not tell their end', () => undefined, HOUR],
    ['whose links end soon', (now) => now + 15 * MINUTE, HOUR],
    ['whose links have ended already', (now) => now - HOUR, HOUR],
    ['whose links live long', (now) => now + 3 * HOUR, 3 * HOUR + 15 * MINUTE],
    ['whose links hardly ever end', (now) => now + 9_999 * HOUR, 24 * HOUR],
  ])('%s is failed at its deadline, once', async (_, linksEndAt, after) => {
    const { clock, links } = openLinks();
    const { linked, ends, notes } = session();
    const link = await links.hold(linked, linksEndAt(clock.now()));
    expect(link.heldUntil).toBe(clock.now() + after);
    expect(notes).toEqual([{ step: 'transfer', heldUntil: link.heldUntil }]);
    await clock.pass(after - 1);
    expect(ends).toEqual([]);
    await clock.pass(1);
    expect(ends).toMatchObject([{ step: 'transfer', cause: { name: 'AbortError' } }]);
    expect(links.find({ owner: 'me', uploadId: 'u_1' })).toBeUndefined();
    await clock.pass(100 * HOUR);
    await link.fail({ step: 'complete', cause: 'late' });
    await links.close();
    expect(ends).toHaveLength(1);
  });

  it('has until its fresh links end, and no less than before', async () => {
    const { clock, links } = openLinks();
    const { linked, ends, notes } = session();
    const link = await links.hold(linked, clock.now() + 5 * HOUR);
    await clock.pass(HOUR);
    await link.signed(clock.now());
    expect(link.heldUntil).toBe(clock.now() + 4 * HOUR + 15 * MINUTE);
    await link.signed(clock.now() + 10 * HOUR);
    expect(link.heldUntil).toBe(clock.now() + 10 * HOUR + 15 * MINUTE);
    expect(notes.at(-1)).toEqual({ step: 'transfer', heldUntil: link.heldUntil });
    await clock.pass(10 * HOUR + 15 * MINUTE - 1);
    expect(ends).toEqual([]);
    await clock.pass(1);
    expect(ends).toHaveLength(1);
  });

  it('is not failed while somebody finishes it, and there is time to try again', async () => {
    const { clock, links } = openLinks();
    const { linked, ends } = session();
    const link = await links.hold(linked, undefined);
    await link.during(async () => {
      await clock.pass(2 * HOUR);
      expect(ends).toEqual([]);
      await link.triedInVain();
    });
    await clock.pass(15 * MINUTE - 1);
    expect(ends).toEqual([]);
    await clock.pass(1);
    expect(ends).toHaveLength(1);
  });

  it('is not failed while one of two uses goes on', async () => {
    const { clock, links } = openLinks();
    const { linked, ends } = session();
    const link = await links.hold(linked, undefined);
    await link.during(async () => {
      await link.during(async () => undefined);
      await clock.pass(2 * HOUR);
    });
    expect(ends).toEqual([]);
    await clock.pass(0);
    expect(ends).toHaveLength(1);
  });

  it('is let go of when it is completed', async () => {
    const { clock, links } = openLinks();
    const { linked, ends, entry, notes } = session();
    const link = await links.hold(linked, undefined);
    await link.during(() => link.completed());
    expect(links.find({ owner: 'me', uploadId: 'u_1' })).toBeUndefined();
    await link.signed(undefined);
    await clock.pass(100 * HOUR);
    await links.close();
    expect([ends, entry, notes.length]).toEqual([[], ['removed'], 1]);
  });

  it.each([
    ['left to its journal', true, []],
    ['failed, where no journal keeps it,', false, [{ cause: { message: 'the server shut down' } }]],
  ])('is %s at the end of the server', async (_, journaled, failed) => {
    const { clock, links } = openLinks();
    const { linked, ends, entry } = session('u_1', { journaled });
    await links.hold(linked, undefined);
    await links.close();
    await clock.pass(100 * HOUR);
    expect(entry).toEqual(['left']);
    expect(ends).toMatchObject(failed);
    expect(ends).toHaveLength(failed.length);
    const late = session('u_2');
    await expect(links.hold(late.linked, undefined)).rejects.toThrow('the server shut down');
    expect([late.notes, late.ends]).toEqual([[], []]);
  });
});

describe('the links of an owner', () => {
  it('are unknown to others', async () => {
    const { links } = openLinks();
    const link = await links.hold(session().linked, undefined);
    expect(links.find({ owner: 'me', uploadId: 'u_1' })).toBe(link);
    expect(links.find({ owner: 'other', uploadId: 'u_1' })).toBeUndefined();
    expect(links.find({ owner: 'me', uploadId: 'u_2' })).toBeUndefined();
    await links.close();
  });

  it('are fifty at most, those that are just being opened among them', async () => {
    const { clock, links } = openLinks();
    const open = (n: number, owner = 'me') =>
      links.opening(owner, () => links.hold(session(`${owner} ${n}`, { owner }).linked, undefined));
    const first = clock.now() + HOUR;
    await open(0);
    await clock.pass(1);
    await Promise.all(Array.from({ length: 48 }, (_, n) => open(n + 1)));
    const refused = new AbortController();
    const opening = links.opening('me', () => clock.wait(HOUR, refused.signal));
    await expect(open(50)).rejects.toMatchObject({ name: 'TooManyLinks', firstEndsAt: first });
    await open(50, 'other');
    refused.abort(new Error('quota'));
    await expect(opening).rejects.toThrow('quota');
    await open(50);
    await expect(open(51)).rejects.toBeInstanceOf(TooManyLinks);
    await links.find({ owner: 'me', uploadId: 'me 7' })?.completed();
    await open(51);
    await links.close();
  });
});
