import { invalidRequest } from '../refusals.ts';

/** One part of a `multipart/form-data` body. */
interface FormPart {
  readonly name: string;
  readonly fileName: string | undefined;
  /** By lower-case name. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
}

const HEADERS_END = Buffer.from('\r\n\r\n');
const MAX_PARTS = 1_000;

/**
 * Takes a form apart (RFC 7578).
 *
 * @throws Refusal 422 if it is none
 */
export function formParts(contentType: string | undefined, body: Buffer): readonly FormPart[] {
  const boundary = boundaryOf(contentType);
  const delimiter = Buffer.from(`\r\n--${boundary}`);
  // The first delimiter has no line before it; with one put there, all are alike.
  const text = Buffer.concat([Buffer.from('\r\n'), body]);
  const parts: FormPart[] = [];
  let at = text.indexOf(delimiter);
  while (at !== -1) {
    const start = at + delimiter.length;
    if (text.subarray(start, start + 2).toString('latin1') === '--') return parts;
    const end = text.indexOf(delimiter, start);
    if (end === -1 || parts.length >= MAX_PARTS) break;
    parts.push(partOf(text.subarray(start, end)));
    at = end;
  }
  throw malformed('The form does not end as its boundary says.');
}

function boundaryOf(contentType: string | undefined): string {
  const match = /^multipart\/form-data\s*;.*\bboundary=(?:"([^"]+)"|([^;\s]+))/i.exec(
    contentType ?? '',
  );
  const boundary = match?.[1] ?? match?.[2];
  if (boundary === undefined) throw malformed('Expected multipart/form-data with a boundary.');
  return boundary;
}

function partOf(bytes: Buffer): FormPart {
  const headersEnd = bytes.indexOf(HEADERS_END);
  if (headersEnd === -1) throw malformed('A part of the form has no end of its headers.');
  const headers = new Map<string, string>();
  for (const line of bytes.subarray(0, headersEnd).toString('utf8').split('\r\n')) {
    const colon = line.indexOf(':');
    if (colon > 0)
      headers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }
  const disposition = headers.get('content-disposition') ?? '';
  const name = parameter(disposition, 'name');
  if (name === undefined) throw malformed('A part of the form has no name.');
  return {
    name,
    fileName: parameter(disposition, 'filename'),
    headers,
    body: bytes.subarray(headersEnd + HEADERS_END.length),
  };
}

function parameter(disposition: string, name: string): string | undefined {
  const encoded = new RegExp(`;\\s*${name}\\*=utf-8''([^;]+)`, 'i').exec(disposition)?.[1];
  if (encoded !== undefined && !/%(?![0-9a-f]{2})/i.test(encoded))
    return decodeURIComponent(encoded);
  const quoted = new RegExp(`;\\s*${name}="((?:[^"\\\\]|\\\\.)*)"`, 'i').exec(disposition)?.[1];
  // Browsers and fetch write a quote as %22, others as \".
  return quoted?.replace(/\\(.)/g, '$1').replaceAll('%22', '"');
}

function malformed(msg: string) {
  return invalidRequest([{ loc: ['body'], msg, type: 'multipart_invalid' }]);
}
