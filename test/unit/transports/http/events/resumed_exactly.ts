import fc from 'fast-check';
import { expect } from 'vitest';
import type { SessionEvents } from '../../../../../src/transports/http/events/session_events.ts';
import { event, lastEvent, Reader } from './stored_events.ts';

const SESSIONS = 2;
const STREAMS = 3;

interface Stored {
  readonly id: string;
  readonly data: string;
}

interface Resumed {
  readonly reader: Reader;
  readonly stored: readonly Stored[];
  readonly after: number;
}

type Step =
  | { readonly kind: 'store'; readonly session: number; readonly stream: number }
  | {
      readonly kind: 'resume';
      readonly session: number;
      readonly stream: number;
      /** Which of the events stored so far the client had last. */
      readonly had: number;
    };

const session = fc.nat(SESSIONS - 1);
const stream = fc.nat(STREAMS - 1);
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant('store' as const), session, stream }),
    fc.record({ kind: fc.constant('resume' as const), session, stream, had: fc.nat(30) }),
  ),
  { maxLength: 40 },
);

/**
 * However stores and resumes of several streams and sessions mix, each client gets what followed its
 * event in its stream, in order, and nothing of any other.
 */
export async function checkResumedExactly(
  open: (sessionId: string) => SessionEvents,
  runs: number,
): Promise<void> {
  let run = 0;
  await fc.assert(
    fc.asyncProperty(steps, async (taken) => {
      run += 1;
      const sessions = Array.from({ length: SESSIONS }, (_, at) => open(`${run}-${at}`));
      const stored = sessions.map(() => Array.from({ length: STREAMS }, (): Stored[] => []));
      const resumed: Resumed[] = [];
      const store = async (step: { session: number; stream: number }, make = event) => {
        const events = at(stored, step.session, step.stream);
        const data = `${step.session}/${step.stream}/${events.length}`;
        const streamId = `stream-${step.stream}`;
        const id = await sessions[step.session]?.store(make(data, { streamId }));
        events.push({ id: id ?? '', data });
      };
      for (const step of taken) {
        const events = at(stored, step.session, step.stream);
        if (step.kind === 'store') await store(step);
        else if (events.length > 0) {
          const after = step.had % events.length;
          const found = await sessions[step.session]?.resume(events[after]?.id ?? '');
          if (found === undefined) throw new Error('no such session');
          resumed.push({ reader: new Reader(found), stored: events, after });
        }
      }
      for (const [inSession, streams] of stored.entries()) {
        for (const inStream of streams.keys()) {
          await store({ session: inSession, stream: inStream }, lastEvent);
        }
      }
      for (const { reader, stored: events, after } of resumed) {
        expect(await reader.ended).toBeUndefined();
        expect(reader.events).toEqual(
          events.slice(after + 1).map(({ id, data }) => ({ id, data: JSON.stringify(data) })),
        );
      }
      await Promise.all(sessions.map((events) => events.close()));
    }),
    { numRuns: runs },
  );
}

function at(stored: readonly Stored[][][], inSession: number, inStream: number): Stored[] {
  const events = stored[inSession]?.[inStream];
  if (events === undefined) throw new Error('no such stream');
  return events;
}
