import type { Server } from '@modelcontextprotocol/sdk/server/index.js';
import {
  type ElicitRequestFormParams,
  ElicitResultSchema,
  McpError,
} from '@modelcontextprotocol/sdk/types.js';
import type { Log } from '../log.ts';
import { CONFIRMATION_SECONDS } from '../tools/consent/confirmation_token.ts';
import type { ToolCall } from '../tools/tool.ts';
import type { RequestExtra } from '../tools/tool_offer.ts';

/** As long as a confirmation in two steps lasts. */
const ANSWER_MS = CONFIRMATION_SECONDS * 1000;
/** Clients give up a call of which they hear nothing. */
const HEARTBEAT_MS = 10_000;
/** The longest that a timer takes: the clock of the calls says when it is enough. */
const NO_TIMEOUT = 2 ** 31 - 1;

/**
 * A client that answers for its user without showing anything sends an empty form, or none. So there is one
 * field, and only its being ticked is a yes.
 */
const REQUESTED: ElicitRequestFormParams['requestedSchema'] = {
  type: 'object',
  properties: {
    approve: {
      type: 'boolean',
      title: 'Go ahead',
      description: 'Approve exactly this, once.',
      default: false,
    },
  },
  required: ['approve'],
};

/** A way to ask the user through the client; undefined where the client has none. */
export function userQuestions(
  server: Server,
  extra: RequestExtra,
  { clock, notify, signal }: Pick<ToolCall, 'clock' | 'notify' | 'signal'>,
  log: Log,
): ToolCall['askUser'] {
  if (server.getClientCapabilities()?.elicitation?.form === undefined) return undefined;
  return async (message) => {
    const ended = new AbortController();
    const timeUp = new AbortController();
    const asking = AbortSignal.any([signal, ended.signal]);
    void beatWhileWaiting(clock, notify, asking);
    clock.wait(ANSWER_MS, asking).then(
      () => timeUp.abort(new Error('no answer in time')),
      () => undefined,
    );
    const params: ElicitRequestFormParams = { mode: 'form', message, requestedSchema: REQUESTED };
    try {
      // By the request's own stream: a client need not have another open.
      const { action, content } = await extra.sendRequest(
        { method: 'elicitation/create', params },
        ElicitResultSchema,
        { timeout: NO_TIMEOUT, signal: AbortSignal.any([signal, timeUp.signal]) },
      );
      signal.throwIfAborted();
      return action === 'accept' && content?.['approve'] === true;
    } catch (err) {
      signal.throwIfAborted();
      // Its words are left out: they may repeat the question, and what is asked may hold a password.
      const code = err instanceof McpError ? err.code : undefined;
      log.warn({ code }, 'the client did not bring the answer of its user');
      return false;
    } finally {
      ended.abort();
    }
  };
}

/** Tells the client that the call is alive while a person thinks. */
async function beatWhileWaiting(
  clock: ToolCall['clock'],
  notify: ToolCall['notify'],
  answered: AbortSignal,
): Promise<void> {
  for (let progress = 1; notify !== undefined; progress += 1) {
    notify({ progress, message: 'Waiting for the answer of the user' });
    const waited = await clock.wait(HEARTBEAT_MS, answered).then(
      () => true,
      () => false,
    );
    if (!waited) return;
  }
}
