import { once } from 'node:events';
import { connect } from 'node:net';

/** A request, byte by byte as the attacker wants it. */
export interface RawRequest {
  readonly method?: string;
  /** The second word of the request line. */
  readonly target?: string;
  readonly version?: string;
  /** In order; the same name may stand twice. Nothing is added but what `exchange` needs to end. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body?: string | Buffer;
}

export interface RawAnswer {
  /** 0 if the server closed the connection without an answer. */
  readonly status: number;
  /** Names in lower case; those that came twice stand twice. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Without the framing of chunks. */
  readonly body: string;
}

/** Sends one request over a connection of its own, and reads the answer. */
export async function exchange(port: number, request: RawRequest): Promise<RawAnswer> {
  const { method = 'POST', target = '/mcp', version = 'HTTP/1.1', headers, body = '' } = request;
  const fields = [...headers, ['Connection', 'close']];
  const head = [`${method} ${target} ${version}`, ...fields.map((field) => field.join(': '))];
  return sendBytes(port, [`${head.join('\r\n')}\r\n\r\n`, body], isWhole);
}

/**
 * The same for what need be no HTTP at all.
 *
 * @param enough ends the connection; absent, it is read until the server ends it
 */
export async function sendBytes(
  port: number,
  pieces: readonly (string | Buffer)[],
  enough: (received: string) => boolean = () => false,
): Promise<RawAnswer> {
  const socket = connect(port, '127.0.0.1');
  let received = '';
  socket.setEncoding('utf8').on('data', (text: string) => {
    received += text;
    if (enough(received)) socket.destroy();
  });
  // A server that refuses may close before it has read everything.
  socket.on('error', () => undefined);
  const closed = once(socket, 'close');
  for (const piece of pieces) {
    socket.write(typeof piece === 'string' ? Buffer.from(piece, 'latin1') : piece);
  }
  await closed;
  return parse(received);
}

/** Servers of the SDK keep a connection open that was to be closed, so the end of chunks is an end. */
function isWhole(received: string): boolean {
  return /^transfer-encoding: chunked\r$/im.test(received) && received.endsWith('\r\n0\r\n\r\n');
}

/** @returns the values of a header */
export function valuesOf({ headers }: RawAnswer, name: string): string[] {
  return headers.filter(([named]) => named === name).map(([, value]) => value);
}

function parse(text: string): RawAnswer {
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return { status: 0, headers: [], body: text };
  const [first = '', ...lines] = text.slice(0, end).split('\r\n');
  const headers = lines.map((line) => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const;
  });
  const rest = text.slice(end + 4);
  const chunked = headers.some(
    ([name, value]) => name === 'transfer-encoding' && value === 'chunked',
  );
  const body = chunked ? rest.replaceAll(/^[\da-f]+\r\n|\r\n(?=[\da-f]+\r\n|$)/gim, '') : rest;
  return { status: Number(first.split(' ')[1]), headers, body };
}
