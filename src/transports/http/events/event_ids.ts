import { createHash } from 'node:crypto';

/** What a client may send back as `Last-Event-ID`: session, stream, position. */
const EVENT_ID = /^([\w-]{22})\.([\w-]{1,64})\.(\d{1,15}(?:-\d{1,15})?)$/;

/** Where in which stream an event stands. */
export interface EventPlace {
  readonly streamId: string;
  /** As the store of the events counts. */
  readonly position: string;
}

/** Ids of one session's events: those of another session are not ids here. */
export class EventIds {
  /** Names the session where its own id, which opens it, must not stand. */
  readonly session: string;

  constructor(sessionId: string) {
    this.session = createHash('sha256').update(sessionId).digest('base64url').slice(0, 22);
  }

  write({ streamId, position }: EventPlace): string {
    return `${this.session}.${streamId}.${position}`;
  }

  /** @returns undefined for what is no id of this session */
  read(eventId: string): EventPlace | undefined {
    const [, session, streamId, position] = EVENT_ID.exec(eventId) ?? [];
    if (session !== this.session || streamId === undefined || position === undefined) {
      return undefined;
    }
    return { streamId, position };
  }
}
