import { randomBytes } from 'node:crypto';

/** The first bytes of a file, or its end: as much as tells what its columns are. */
export interface TableSample {
  /** Tells the format by its ending. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** A `multipart/form-data` body (RFC 7578) in memory. */
export interface NegotiationForm {
  readonly contentType: string;
  readonly body: Uint8Array;
}

/** The form by which a contract is negotiated: what is asked for, and a sample of each file. */
export function negotiationForm(
  contract: Readonly<Record<string, unknown>>,
  samples: readonly TableSample[],
): NegotiationForm {
  // Of 144 random bits: no sample holds it.
  const boundary = `form-${randomBytes(18).toString('base64url')}`;
  const parts = [
    partOf('name="contract"', 'application/json', Buffer.from(JSON.stringify(contract))),
    ...samples.map(({ name, bytes }) =>
      partOf(`name="sample"; filename="${quoted(name)}"`, 'application/octet-stream', bytes),
    ),
  ];
  const pieces = parts.flatMap(({ head, bytes }) => [
    Buffer.from(`--${boundary}\r\n${head}`),
    bytes,
    Buffer.from('\r\n'),
  ]);
  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    body: Buffer.concat([...pieces, Buffer.from(`--${boundary}--\r\n`)]),
  };
}

function partOf(disposition: string, contentType: string, bytes: Uint8Array) {
  const head = `Content-Disposition: form-data; ${disposition}\r\nContent-Type: ${contentType}\r\n\r\n`;
  return { head, bytes };
}

/** As browsers write a name, so that none can end its quotes or its line. */
function quoted(name: string): string {
  return name.replaceAll('"', '%22').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}
