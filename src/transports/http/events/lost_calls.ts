import type { RequestId } from '@modelcontextprotocol/sdk/types.js';
import type { StreamEntry } from './redis_streams.ts';
import { nextPosition } from './stream_position.ts';

/** Of the range that JSON-RPC leaves to servers. */
const SERVER_ERROR = -32_000;

const LOST =
  'The server that was answering this call is gone. A transfer that it ran has failed, and what it ' +
  'reserved is released beside your next calls: transfer_status lists what became of it; then call again.';

/** What ends a stream whose server will write no more of it: an error for each request that waits. */
export function lostCalls(newest: StreamEntry): StreamEntry[] {
  let { position } = newest;
  return newest.unanswered.map((id, index) => {
    position = nextPosition(position);
    const unanswered = newest.unanswered.slice(index + 1);
    return {
      position,
      data: lostCall(id),
      unanswered,
      last: unanswered.length === 0,
      replica: newest.replica,
    };
  });
}

function lostCall(id: RequestId): string {
  return JSON.stringify({ jsonrpc: '2.0', id, error: { code: SERVER_ERROR, message: LOST } });
}
