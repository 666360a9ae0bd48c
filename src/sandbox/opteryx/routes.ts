import { type Answer, jsonAnswer } from '../delivery.ts';
import type { Exchange } from './exchange.ts';
import type { OpteryxEndpoint } from './opteryx_faults.ts';
import type { OpteryxSettings } from './opteryx_options.ts';
import { refusal } from './refusals.ts';
import { exchangeToken } from './token_endpoint.ts';
import { commitSession } from './v1/commit.ts';
import { inspectSession } from './v1/inspect.ts';
import { deletePart, uploadPart } from './v1/parts.ts';
import { startSession } from './v1/sessions.ts';
import { commitContract } from './v2/commit.ts';
import { writeData } from './v2/data.ts';
import { abandonContract, acceptContract, amendContract, getContract } from './v2/lifecycle.ts';
import { negotiate } from './v2/negotiate.ts';

/** The path of the token service, which is another host in the world outside. */
export const AUTH_PATH = '/auth';

export interface Route {
  readonly endpoint: OpteryxEndpoint;
  readonly method: string;
  /** Its groups are the id and the part. */
  readonly path: RegExp;
  /** Absent for what is served whatever the generation. */
  readonly generation?: 'v1' | 'v2';
  readonly needsToken: boolean;
  handle(exchange: Exchange): Promise<Answer>;
}

const open = { needsToken: false } as const;
const v1 = { generation: 'v1', needsToken: true } as const;
const v2 = { generation: 'v2', needsToken: true } as const;
const CONTRACT = /^\/v2\/contracts\/(?<id>[^/]+)$/;

const ROUTES: readonly Route[] = [
  {
    endpoint: 'token',
    method: 'POST',
    path: new RegExp(`^${AUTH_PATH}(/v1)?/token$`),
    ...open,
    handle: exchangeToken,
  },
  {
    endpoint: 'health',
    method: 'GET',
    path: /^\/health$/,
    ...open,
    handle: async () => jsonAnswer(200, { status: 'ok' }),
  },
  {
    endpoint: 'start_session',
    method: 'POST',
    path: /^\/v1\/upload\/session$/,
    ...v1,
    handle: startSession,
  },
  {
    endpoint: 'upload_part',
    method: 'PUT',
    path: /^\/v1\/upload\/(?<id>[^/]+)$/,
    ...v1,
    handle: uploadPart,
  },
  {
    endpoint: 'delete_part',
    method: 'DELETE',
    path: /^\/v1\/upload\/(?<id>[^/]+)\/part\/(?<part>[^/]+)$/,
    ...v1,
    handle: deletePart,
  },
  {
    endpoint: 'inspect',
    method: 'GET',
    path: /^\/v1\/upload\/(?<id>[^/]+)\/inspect$/,
    ...v1,
    handle: inspectSession,
  },
  {
    endpoint: 'commit',
    method: 'POST',
    path: /^\/v1\/upload\/(?<id>[^/]+)\/commit$/,
    ...v1,
    handle: commitSession,
  },
  {
    endpoint: 'v2.negotiate',
    method: 'POST',
    path: /^\/v2\/contracts$/,
    ...v2,
    handle: negotiate,
  },
  { endpoint: 'v2.get', method: 'GET', path: CONTRACT, ...v2, handle: getContract },
  { endpoint: 'v2.amend', method: 'PATCH', path: CONTRACT, ...v2, handle: amendContract },
  { endpoint: 'v2.abandon', method: 'DELETE', path: CONTRACT, ...v2, handle: abandonContract },
  {
    endpoint: 'v2.accept',
    method: 'PUT',
    path: /^\/v2\/contracts\/(?<id>[^/]+)\/accept$/,
    ...v2,
    handle: acceptContract,
  },
  {
    endpoint: 'v2.data',
    method: 'POST',
    path: /^\/v2\/contracts\/(?<id>[^/]+)\/data$/,
    ...v2,
    handle: writeData,
  },
  {
    endpoint: 'v2.commit',
    method: 'POST',
    path: /^\/v2\/contracts\/(?<id>[^/]+)\/commit$/,
    ...v2,
    handle: commitContract,
  },
];

interface Found {
  readonly route: Route;
  readonly id: string;
  readonly part: string;
}

/** @throws Refusal 404 or 405 */
export function routeOf(settings: OpteryxSettings, method: string, path: string): Found {
  let knowsPath = false;
  for (const route of ROUTES) {
    const match = route.path.exec(path);
    if (match === null) continue;
    if (route.generation !== undefined && !settings.generations.includes(route.generation)) {
      continue;
    }
    knowsPath = true;
    if (route.method !== method) continue;
    const { id = '', part = '' } = match.groups ?? {};
    return { route, id, part };
  }
  throw knowsPath ? refusal(405, 'Method Not Allowed') : refusal(404, 'Not Found');
}
