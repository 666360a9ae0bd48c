import { TransferError } from '../failures/transfer_error.ts';

/** RFC 9110, 5.6.2. */
export const FIELD_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** RFC 9110, 5.5: no control character but the tab, so that no value can begin a line of its own. */
export const FIELD_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
const REQUEST_TARGET = /^\/[\x21-\x7e]*$/;

/** What frames the message or names its receiver is said by this client alone. */
const OWN_FIELDS: ReadonlySet<string> = new Set([
  'host',
  'connection',
  'transfer-encoding',
  'te',
  'trailer',
  'upgrade',
  'expect',
]);

function unsendable(what: string): TransferError {
  return new TransferError({
    code: 'storage_refused',
    message: `the signed request is not one that HTTP allows (${what}).`,
  });
}

/**
 * The head of a request as it goes over the connection, in Latin-1: the given fields, `Host` and
 * `Connection`, nothing else.
 *
 * @param headers for a body, with its `Content-Length`
 * @throws TransferError `storage_refused` if the path or a field could not be sent as it is
 */
export function requestHead(
  method: 'GET' | 'POST' | 'PUT',
  url: URL,
  headers: Readonly<Record<string, string>>,
  connection: 'keep-alive' | 'close' = 'keep-alive',
): string {
  const target = `${url.pathname}${url.search}`;
  if (!REQUEST_TARGET.test(target)) throw unsendable('its path');
  let head = `${method} ${target} HTTP/1.1\r\nHost: ${url.host}\r\nConnection: ${connection}\r\n`;
  for (const [name, value] of Object.entries(headers)) {
    if (!FIELD_NAME.test(name) || !isForCallers(name, method)) {
      throw unsendable('the name of a header');
    }
    // The value may be a secret: it is not shown.
    if (!FIELD_VALUE.test(value)) throw unsendable(`the header ${name}`);
    head += `${name}: ${value}\r\n`;
  }
  return `${head}\r\n`;
}

/** A GET has no body, so it states no length. */
function isForCallers(name: string, method: string): boolean {
  const field = name.toLowerCase();
  return !OWN_FIELDS.has(field) && (field !== 'content-length' || method !== 'GET');
}
