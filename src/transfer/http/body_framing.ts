import { brokenAnswer } from '../failures/connection_problem.ts';
import { type BodyDecoder, LengthBody, UntilCloseBody } from './body_decoder.ts';
import { ChunkedBody } from './chunked_body.ts';
import { keepsConnection, type ResponseHead } from './response_head.ts';
import type { ResponseHeaders } from './response_headers.ts';

export interface BodyFraming {
  readonly decoder: BodyDecoder;
  /** Whether the connection may carry another request after the body. */
  readonly keepsConnection: boolean;
}

/**
 * How the body of an answer to a GET is framed (RFC 9112, 6.3).
 *
 * @param head of a final answer
 * @throws TransferError `connection_lost` if it cannot be told where the body ends
 */
export function bodyFraming(head: ResponseHead): BodyFraming {
  const { status, minorVersion, headers } = head;
  const keeps = keepsConnection(head);
  if (status === 204 || status === 304) {
    return { decoder: new LengthBody(0), keepsConnection: keeps };
  }
  const codings = listed(headers, 'transfer-encoding');
  const lengths = new Set(listed(headers, 'content-length'));
  if (codings.length > 0) {
    // Nothing but chunks was offered, and HTTP/1.0 knows no codings.
    if (minorVersion === 0 || codings.length > 1 || codings[0]?.toLowerCase() !== 'chunked') {
      throw brokenAnswer('its transfer coding was not asked for');
    }
    // Two framings at once: a server in between may have seen the other one.
    return { decoder: new ChunkedBody(), keepsConnection: keeps && lengths.size === 0 };
  }
  if (lengths.size === 0) return { decoder: new UntilCloseBody(), keepsConnection: false };
  const [text = ''] = lengths;
  const bytes = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (lengths.size > 1 || !Number.isSafeInteger(bytes)) {
    throw brokenAnswer('its length is not one');
  }
  return { decoder: new LengthBody(bytes), keepsConnection: keeps };
}

/** The items of a list, over all fields of the name; an empty field is an empty item. */
function listed(headers: ResponseHeaders, name: string): string[] {
  const value = headers[name];
  if (value === undefined) return [];
  const fields = typeof value === 'string' ? [value] : value;
  return fields.flatMap((field) => field.split(',').map((item) => item.trim()));
}
