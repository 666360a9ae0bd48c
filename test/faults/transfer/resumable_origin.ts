import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { crc32cBase64, createCrc32c } from '../../../src/transfer/checksums/crc32c.ts';
import { httpOrigin, type Origin } from './origin.ts';

/** What becomes of one PUT that carries bytes. */
export interface PutFate {
  /** The session keeps so many bytes in all once it is over. */
  readonly keeps?: number;
  /** `reset` at the moment in which they came, or this status. */
  readonly ends: 'reset' | 'complete' | number;
}

export interface ResumableOrigin extends Origin {
  /** Methods and what of the file they were about: `POST`, `PUT 5-9/10`. */
  readonly asked: readonly string[];
  /** What the last session has. */
  stored(): Buffer;
}

interface Session {
  stored: Buffer;
  complete: boolean;
}

const RANGE = /^bytes (?:(\d+)-(\d+)|\*)\/(\d+)$/;
/** Stands in the session's URL, and must never stand anywhere else. */
export const SESSION_SECRET = 'session-secret';

/**
 * Google Cloud Storage as far as resumable uploads go.
 *
 * @param fateOf by the count of PUTs with bytes, from 1; `complete` where it says nothing
 * @param sessionsLost how many sessions are forgotten (410) once bytes were sent
 */
export async function resumableOrigin(
  fateOf: (n: number, start: number) => PutFate | undefined = () => undefined,
  sessionsLost = 0,
): Promise<ResumableOrigin> {
  const asked: string[] = [];
  const sessions: Session[] = [];
  let puts = 0;

  const status = (session: Session, response: ServerResponse) => {
    const bytes = session.stored.length;
    if (session.complete) {
      const crc = createCrc32c();
      crc.update(session.stored);
      response.writeHead(200, {
        'x-goog-hash': `crc32c=${crc32cBase64(crc.value())}`,
        etag: `"${createHash('md5').update(session.stored).digest('hex')}"`,
      });
    } else {
      response.writeHead(308, bytes > 0 ? { range: `bytes=0-${bytes - 1}` } : {});
    }
    response.end();
  };

  const takes = (session: Session, start: number, total: number, exchange: Exchange) => {
    const { request, response } = exchange;
    puts += 1;
    const fate = fateOf(puts, start) ?? { ends: 'complete' };
    const body: Buffer[] = [];
    const keep = () => {
      const all = Buffer.concat([session.stored.subarray(0, start), ...body]);
      session.stored = all.subarray(0, fate.keeps ?? all.length);
    };
    const resetAt = Math.max(fate.keeps ?? total, start + 1);
    let end = start;
    request.on('data', (chunk: Buffer) => {
      body.push(chunk);
      end += chunk.length;
      if (fate.ends === 'reset' && end >= resetAt) {
        keep();
        request.socket.resetAndDestroy();
      }
    });
    request.on('end', () => {
      keep();
      session.complete = fate.ends === 'complete' && session.stored.length === total;
      if (typeof fate.ends === 'number' && fate.ends !== 308) {
        response.writeHead(fate.ends).end();
      } else {
        status(session, response);
      }
    });
  };

  const origin = await httpOrigin((request, response) => {
    if (request.method === 'POST') {
      asked.push('POST');
      sessions.push({ stored: Buffer.alloc(0), complete: false });
      const location = new URL(`?upload_id=${SESSION_SECRET}-${sessions.length}`, origin.url).href;
      request.resume().on('end', () => response.writeHead(201, { location }).end());
      return;
    }
    const session = sessions.at(-1);
    const [, start, end, total] = RANGE.exec(request.headers['content-range'] ?? '') ?? [];
    if (session === undefined || total === undefined) {
      request.resume();
      response.writeHead(400).end();
      return;
    }
    asked.push(start === undefined ? `PUT */${total}` : `PUT ${start}-${end}/${total}`);
    if (sessions.length <= sessionsLost && puts > 0 && start === undefined) {
      request.resume().on('end', () => response.writeHead(410).end());
      return;
    }
    if (start === undefined) {
      session.complete ||= session.stored.length === Number(total);
      request.resume().on('end', () => status(session, response));
      return;
    }
    takes(session, Number(start), Number(total), { request, response });
  });
  return { ...origin, asked, stored: () => sessions.at(-1)?.stored ?? Buffer.alloc(0) };
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}
