import { type Authority, parseAuthority } from './authority.ts';

const IMPLIED_PORT: Readonly<Record<string, number>> = { http: 80, https: 443 };

/** `scheme://host[:port]`, as browsers write it: no path, no user. */
const ORIGIN = /^([a-z][a-z0-9+.-]*):\/\/([^/?#@\s"\\,]+)$/;

const ALLOWED_METHODS = 'GET, POST, DELETE';
const ALLOWED_HEADERS =
  'Authorization, Content-Type, Accept, Mcp-Session-Id, Mcp-Protocol-Version, Last-Event-ID';
const EXPOSED_HEADERS =
  'Mcp-Session-Id, Mcp-Protocol-Version, WWW-Authenticate, X-Request-Id, Retry-After';

type Headers = Readonly<Record<string, string>>;

/** A setting that names no origin. */
export class InvalidOrigin extends Error {
  override readonly name = 'InvalidOrigin';

  constructor(entry: string) {
    super(`${JSON.stringify(entry)} is not an origin, such as https://app.example.org`);
  }
}

/** What follows from a request's Origin. */
export type OriginVerdict =
  | { readonly kind: 'refused' }
  /** `headers` belong on the answer, whatever it is. */
  | { readonly kind: 'admitted'; readonly headers: Headers }
  /** A browser asks whether it may ask; to be answered 204 with `headers`. */
  | { readonly kind: 'preflight'; readonly headers: Headers };

export interface OriginGate {
  /**
   * @param host as the host gate admitted it
   * @param headers all values of each header
   */
  judge(method: string | undefined, headers: NodeJS.Dict<string[]>, host: Authority): OriginVerdict;
}

const ADMITTED: OriginVerdict = { kind: 'admitted', headers: {} };
const REFUSED: OriginVerdict = { kind: 'refused' };

/**
 * Admits what is not from a web page, and pages of this server or of the origins listed. Only the
 * latter are told that they may read the answers.
 *
 * @throws InvalidOrigin
 */
export function createOriginGate(listed: readonly string[]): OriginGate {
  const origins = new Map(
    listed.map((entry) => {
      const origin = entry.toLowerCase();
      if (!ORIGIN.test(origin)) throw new InvalidOrigin(entry);
      return [origin, corsHeaders(origin)];
    }),
  );
  return {
    judge(method, headers, host) {
      const [origin, ...more] = headers['origin'] ?? [];
      if (origin === undefined) return ADMITTED;
      if (more.length > 0) return REFUSED;
      const preflight =
        method === 'OPTIONS' && headers['access-control-request-method'] !== undefined;
      const cors = origins.get(origin);
      if (cors !== undefined) {
        return preflight
          ? { kind: 'preflight', headers: { ...cors, ...PREFLIGHT_HEADERS } }
          : { kind: 'admitted', headers: cors };
      }
      return !preflight && isOwn(origin, host) ? ADMITTED : REFUSED;
    },
  };
}

const PREFLIGHT_HEADERS: Headers = {
  'Access-Control-Allow-Methods': ALLOWED_METHODS,
  'Access-Control-Allow-Headers': ALLOWED_HEADERS,
};

function corsHeaders(origin: string): Headers {
  return {
    'Access-Control-Allow-Origin': origin,
    'Access-Control-Expose-Headers': EXPOSED_HEADERS,
    Vary: 'Origin',
  };
}

/** Whichever the scheme: behind a proxy that ends TLS, ours is not the one that the browser sees. */
function isOwn(origin: string, host: Authority): boolean {
  const [, scheme, rest] = ORIGIN.exec(origin) ?? [];
  const implied = IMPLIED_PORT[scheme ?? ''];
  const page = implied === undefined ? undefined : parseAuthority(rest ?? '');
  if (page?.name !== host.name) return false;
  return (page.port ?? implied) === (host.port ?? implied);
}
