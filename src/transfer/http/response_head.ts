import { brokenAnswer } from '../failures/connection_problem.ts';
import { FIELD_NAME, FIELD_VALUE } from './request_head.ts';
import { headerText, type ResponseHeaders } from './response_headers.ts';

/** Most bytes of one head, its empty line included. */
export const MOST_HEAD_BYTES = 64 * 1024;
/** Most header fields of one head. */
export const MOST_FIELDS = 200;

const END = '\r\n\r\n';
const VERSION = 'HTTP/1.';
const STATUS_LINE = /^HTTP\/1\.(\d) ([1-9]\d\d)(?: [\t\x20-\x7e\x80-\xff]*)?$/;

/** Status line and header fields of an answer (RFC 9112, 4 and 5). */
export interface ResponseHead {
  readonly status: number;
  /** The digit after `HTTP/1.` */
  readonly minorVersion: number;
  readonly headers: ResponseHeaders;
}

/** Whether the connection may carry another request afterwards (RFC 9112, 9.3). */
export function keepsConnection({ minorVersion, headers }: ResponseHead): boolean {
  const options = (headerText(headers, 'connection') ?? '')
    .split(',')
    .map((option) => option.trim().toLowerCase());
  if (options.includes('close')) return false;
  return minorVersion >= 1 || options.includes('keep-alive');
}

/** Reads one head out of bytes as they come. */
export class HeadReader {
  #held: Buffer | undefined;
  #filled = 0;

  /**
   * @param bytes the next ones; they are not kept
   * @returns the head and the bytes after it, as soon as it is whole
   * @throws TransferError `connection_lost` if it is no head
   */
  push(bytes: Uint8Array): { head: ResponseHead; rest: Uint8Array } | undefined {
    if (this.#filled === 0) {
      const whole = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      const end = whole.subarray(0, MOST_HEAD_BYTES).indexOf(END, 0, 'latin1');
      if (end >= 0) return { head: parse(whole, end), rest: bytes.subarray(end + END.length) };
    }
    return this.#join(bytes);
  }

  /** A head that comes in several pieces. */
  #join(bytes: Uint8Array): { head: ResponseHead; rest: Uint8Array } | undefined {
    this.#held ??= Buffer.allocUnsafe(MOST_HEAD_BYTES);
    const before = this.#filled;
    const piece = bytes.subarray(0, MOST_HEAD_BYTES - before);
    this.#held.set(piece, before);
    this.#filled += piece.byteLength;
    const held = this.#held.subarray(0, this.#filled);
    const start = held.toString('latin1', 0, VERSION.length);
    if (!VERSION.startsWith(start)) throw brokenAnswer('it does not begin as one of HTTP/1 does');
    const end = held.indexOf(END, Math.max(0, before - END.length + 1), 'latin1');
    if (end < 0) {
      if (this.#filled === MOST_HEAD_BYTES) throw brokenAnswer('its head is too long');
      return undefined;
    }
    this.#filled = 0;
    return { head: parse(held, end), rest: bytes.subarray(end + END.length - before) };
  }
}

function parse(bytes: Buffer, end: number): ResponseHead {
  const [statusLine = '', ...fields] = bytes.toString('latin1', 0, end).split('\r\n');
  const [, minorVersion, status] = STATUS_LINE.exec(statusLine) ?? [];
  if (minorVersion === undefined || status === undefined) {
    throw brokenAnswer('its status line is not one');
  }
  if (fields.length > MOST_FIELDS) throw brokenAnswer('it has too many header fields');
  return {
    status: Number(status),
    minorVersion: Number(minorVersion),
    headers: readFields(fields),
  };
}

/** A line that goes on from the one before (RFC 9112, 5.2) has no name, and is refused with the rest. */
function readFields(lines: readonly string[]): ResponseHeaders {
  const fields = new Map<string, string | string[]>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(0, colon)).toLowerCase();
    const value = line.slice(colon + 1);
    if (!FIELD_NAME.test(name) || !FIELD_VALUE.test(value)) {
      throw brokenAnswer('one of its header fields is not one');
    }
    const text = value.replace(/^[\t ]+|[\t ]+$/g, '');
    const earlier = fields.get(name);
    if (earlier === undefined) fields.set(name, text);
    else if (typeof earlier === 'string') fields.set(name, [earlier, text]);
    else earlier.push(text);
  }
  return Object.fromEntries(fields);
}
