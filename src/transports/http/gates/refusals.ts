/** One way in which a request is turned away. */
export interface RefusalKind {
  /** Of HTTP. */
  readonly status: number;
  /** Of JSON-RPC: the standard's own codes, else one of the range it leaves to servers. */
  readonly code: number;
  /** What is wrong and what to do about it, for whoever reads the client's log. */
  readonly message: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const SERVER_ERROR = -32_000;
/** As the SDK answers for a session that is not known. */
const SESSION_NOT_FOUND = -32_001;
const INVALID_REQUEST = -32_600;
const PARSE_ERROR = -32_700;

const CLOSE = { Connection: 'close' };

/** Every refusal that comes before the protocol itself. */
export const REFUSALS = {
  host: {
    status: 403,
    code: SERVER_ERROR,
    message:
      'This server is not served at the name in the Host header. Whoever runs it can allow the name.',
  },
  origin: {
    status: 403,
    code: SERVER_ERROR,
    message:
      'Web pages of this origin may not call this server. Whoever runs it can allow the origin.',
  },
  /** Wants a challenge, as the next two do. */
  noToken: {
    status: 401,
    code: SERVER_ERROR,
    message: 'A Geopera token is needed. Send it as "Authorization: Bearer <token>".',
  },
  badToken: {
    status: 401,
    code: SERVER_ERROR,
    message:
      'Geopera does not accept this token: it is unknown or over. Sign in again for a new one.',
  },
  malformedAuthorization: {
    status: 400,
    code: SERVER_ERROR,
    message: 'The Authorization header is not one "Bearer <token>". Send exactly that, once.',
  },
  verifierUnavailable: {
    status: 503,
    code: SERVER_ERROR,
    message: 'Geopera cannot be asked about the token now. Try again in a few seconds.',
    headers: { 'Retry-After': '5' },
  },
  bodyTooLarge: {
    status: 413,
    code: SERVER_ERROR,
    message: 'The request is too large: at most 4 MiB. Files go by path or URL, not in a message.',
    headers: CLOSE,
  },
  mediaType: {
    status: 415,
    code: SERVER_ERROR,
    message: 'The request must be "Content-Type: application/json" in UTF-8, and not compressed.',
  },
  badJson: {
    status: 400,
    code: PARSE_ERROR,
    message: 'The request is not JSON in UTF-8. Send one JSON-RPC message.',
  },
  tooDeep: {
    status: 400,
    code: INVALID_REQUEST,
    message: 'The JSON of the request is nested more than 64 deep. Send a flatter message.',
  },
  tooManyValues: {
    status: 400,
    code: INVALID_REQUEST,
    message:
      'The JSON of the request has more than 30,000 members and elements. Send a smaller message.',
  },
  forbiddenKey: {
    status: 400,
    code: INVALID_REQUEST,
    message: 'The JSON of the request has a member named "__proto__". Leave it out.',
  },
  unknownSession: {
    status: 404,
    code: SESSION_NOT_FOUND,
    message: 'There is no such session: it is over, or never was. Initialize again.',
  },
  // Not 404, by which a client would take the whole session for gone.
  eventsGone: {
    status: 410,
    code: SERVER_ERROR,
    message:
      'What followed Last-Event-ID is not kept any more. Call again; transfer_status tells what became of transfers.',
  },
  sharedStateAway: {
    status: 503,
    code: SERVER_ERROR,
    message:
      'What this server shares with others cannot be reached now. Try again in a few seconds.',
    headers: { 'Retry-After': '5' },
  },
  tooManyAtOnce: {
    status: 429,
    code: SERVER_ERROR,
    message: 'Too many requests at once. Wait for the answer of one before sending the next.',
    headers: { 'Retry-After': '1' },
  },
  tooManySessions: {
    status: 503,
    code: SERVER_ERROR,
    message: 'Too many sessions are open. End one with DELETE, or try again later.',
    headers: { 'Retry-After': '30' },
  },
  /** Wants a `Retry-After`. */
  rate: {
    status: 429,
    code: SERVER_ERROR,
    message: 'Too many requests. Wait as many seconds as Retry-After says.',
  },
  notFound: {
    status: 404,
    code: SERVER_ERROR,
    message: 'There is nothing at this path. The protocol is served at /mcp.',
  },
  /** Wants an `Allow`. */
  method: {
    status: 405,
    code: SERVER_ERROR,
    message: 'The method is not one of those that this path takes: see the Allow header.',
  },
  draining: {
    status: 503,
    code: SERVER_ERROR,
    message: 'This server is shutting down. Try again in a few seconds.',
    headers: { 'Retry-After': '5', ...CLOSE },
  },
  headerTooLarge: {
    status: 431,
    code: SERVER_ERROR,
    message: 'The headers of the request are too large. Send fewer or shorter ones.',
    headers: CLOSE,
  },
  requestTimeout: {
    status: 408,
    code: SERVER_ERROR,
    message: 'The request did not come in whole in time. Send it again.',
    headers: CLOSE,
  },
  malformedRequest: {
    status: 400,
    code: SERVER_ERROR,
    message: 'The request is not HTTP as it should be. Check the client or the proxy before it.',
    headers: CLOSE,
  },
  expectation: {
    status: 417,
    code: SERVER_ERROR,
    message: 'The Expect header asks for what this server does not do. Leave it out.',
  },
  internal: {
    status: 500,
    code: -32_603,
    message: 'This failed by a fault inside geopera-mcp. The log of the server has more.',
  },
} satisfies Record<string, RefusalKind>;

export type RefusalName = keyof typeof REFUSALS;

/** Thrown by whatever finds that a request is to be refused, to whoever answers it. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly reason: RefusalName;
  readonly kind: RefusalKind;

  /** @param headers what is known only now, such as how long to wait */
  constructor(reason: RefusalName, headers?: RefusalKind['headers']) {
    const kind: RefusalKind = REFUSALS[reason];
    super(kind.message);
    this.reason = reason;
    this.kind = { ...kind, headers: { ...kind.headers, ...headers } };
  }
}
