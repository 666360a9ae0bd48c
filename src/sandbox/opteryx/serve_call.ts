import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import { type Answer, deliver, jsonAnswer } from '../delivery.ts';
import type { Exchange } from './exchange.ts';
import type { OpteryxFaultAction } from './opteryx_faults.ts';
import type { Incoming } from './received_body.ts';
import { receivedBody } from './received_body.ts';
import { ConnectionGone, Refusal } from './refusals.ts';
import { type Route, routeOf } from './routes.ts';
import type { World } from './world.ts';

/** Answers one call, or as much of it as the fault that waits for it lets through. */
export async function serveCall(
  world: World,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    const answer = await answerOf(world, request, response);
    await deliver(response, answer);
    // What was not read is dropped, or the client would go on sending to nobody; who still iterates
    // over the request would keep it from flowing.
    request.removeAllListeners('readable').resume();
  } catch (error) {
    if (!(error instanceof ConnectionGone)) throw error;
    response.destroy();
  }
}

/** @throws ConnectionGone */
async function answerOf(
  world: World,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<Answer> {
  try {
    const url = new URL(request.url ?? '/', world.uploadUrl);
    const { route, id, part } = routeOf(world.settings, request.method ?? '', url.pathname);
    world.calls[route.endpoint] += 1;
    const fault = world.faults.take(route.endpoint);
    const incoming: Incoming = { request, response, fault };
    return await acted({ world, incoming, url, id, part }, route, fault);
  } catch (error) {
    if (error instanceof Refusal) return jsonAnswer(error.status, error.body);
    throw error;
  }
}

async function acted(
  exchange: Exchange,
  route: Route,
  fault: OpteryxFaultAction | undefined,
): Promise<Answer> {
  const { world, incoming } = exchange;
  if (fault && 'status' in fault) return statusAnswer(route, fault);
  if (fault && 'expire_token' in fault) {
    world.tokens.revoke(incoming.request.headers.authorization);
  }
  if (fault && 'expire_session' in fault) expire(exchange);
  if (fault && 'stale' in fault) {
    const contract = world.contracts.get(exchange.id);
    if (contract !== undefined) contract.state = 'stale';
  }
  if (route.needsToken) world.tokens.require(incoming.request.headers.authorization);
  const breaks = fault && ('cut_after_bytes' in fault || 'stall_after_bytes' in fault);
  if (breaks) await drained(incoming);
  const answer = await route.handle(exchange);
  if (fault && 'lose_answer' in fault) throw new ConnectionGone();
  return answer;
}

/** A call that is to break off does so whatever it is for, before anything is done. */
async function drained(incoming: Incoming): Promise<void> {
  for await (const _ of receivedBody(incoming, Number.POSITIVE_INFINITY, ''));
}

function expire({ world, id }: Exchange): void {
  const over = world.sessions.get(id) ?? world.contracts.get(id);
  if (over !== undefined) over.expiresAt = world.settings.now();
}

function statusAnswer(
  { generation }: Route,
  fault: Extract<OpteryxFaultAction, { status: number }>,
): Answer {
  const message = STATUS_CODES[fault.status] ?? 'Failed';
  const ofV2 = { error: { code: 'internal', message, reference: 'ref-emulated' } };
  const usual = generation === 'v2' && fault.status >= 500 ? ofV2 : { detail: message };
  const answer = jsonAnswer(fault.status, fault.body ?? usual);
  const headers = { ...answer.headers, ...fault.headers };
  if (fault.retry_after !== undefined) headers['Retry-After'] = String(fault.retry_after);
  return { ...answer, headers };
}
