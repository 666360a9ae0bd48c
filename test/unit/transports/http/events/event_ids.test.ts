import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventIds } from '../../../../../src/transports/http/events/event_ids.ts';

const streamId = fc.oneof(fc.uuid(), fc.constant('_GET_stream'));
const position = fc.oneof(
  fc.nat().map(String),
  fc.tuple(fc.nat(), fc.nat()).map(([begun, count]) => `${begun}-${count}`),
);

describe('ids of events', () => {
  it('are read back as they were written', () => {
    fc.assert(
      fc.property(fc.uuid(), streamId, position, (session, stream, at) => {
        const ids = new EventIds(session);
        const place = { streamId: stream, position: at };
        expect(ids.read(ids.write(place))).toEqual(place);
      }),
    );
  });

  it('mean nothing in another session', () => {
    fc.assert(
      fc.property(fc.uuid(), fc.uuid(), streamId, position, (one, other, stream, at) => {
        fc.pre(one !== other);
        const id = new EventIds(one).write({ streamId: stream, position: at });
        expect(new EventIds(other).read(id)).toBeUndefined();
      }),
    );
  });

  it('are read from any header without an error, and made of what a header may carry', () => {
    const ids = new EventIds('session');
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(ids.read(text)).toBeUndefined();
      }),
    );
    expect(ids.write({ streamId: '_GET_stream', position: '1' })).toMatch(/^[\w.-]+$/);
  });

  it('do not tell the id of the session', () => {
    const session = '7b1c3f0e-3c5a-4d55-9c52-0d0f4ad9f3b1';
    const id = new EventIds(session).write({ streamId: 'stream', position: '1' });
    expect(id).not.toContain(session);
  });
});
