import type { IncomingMessage } from 'node:http';

const MAX_HEADER_BYTES = 16 * 1024;
const LINE_END = Buffer.from('\r\n');
const HEADERS_END = Buffer.from('\r\n\r\n');

/** The body is no form that can be read. */
export class FormUnreadableError extends Error {
  override readonly name = 'FormUnreadableError';
}

/** One part of a form, whose bytes are to be read before the next part is asked for. */
export interface FormPart {
  readonly name: string;
  /** Undefined where the part is a field and no file. */
  readonly filename: string | undefined;
  readonly bytes: AsyncIterable<Buffer>;
}

/** The boundary that a request's parts are divided by, if its body is such a form. */
export function boundaryOf({ headers }: IncomingMessage): string | undefined {
  const type = headers['content-type'] ?? '';
  const [, quoted, plain] =
    /^multipart\/form-data\b.*;\s*boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(type) ?? [];
  return quoted ?? plain;
}

/**
 * The parts of a `multipart/form-data` body, as they arrive: no part is kept in memory.
 *
 * @throws FormUnreadableError if the body does not keep to the form
 */
export async function* formParts(
  body: AsyncIterable<Buffer>,
  boundary: string,
): AsyncGenerator<FormPart> {
  const delimiter = Buffer.from(`\r\n--${boundary}`);
  const reader = new DelimitedReader(body);
  // The first delimiter has no line before it.
  reader.prepend(LINE_END);
  for await (const _preamble of reader.until(delimiter));
  while (await reader.atNextPart()) {
    const headers = await reader.text(HEADERS_END);
    const bytes = reader.until(delimiter);
    yield { ...dispositionOf(headers), bytes };
    for await (const _unread of bytes);
  }
}

function dispositionOf(headers: string): { name: string; filename: string | undefined } {
  const line = /^content-disposition:\s*form-data\b(.*)$/im.exec(headers)?.[1];
  const name = /;\s*name="([^"]*)"/i.exec(line ?? '')?.[1];
  if (name === undefined) throw new FormUnreadableError('A part of the form has no name.');
  return { name, filename: /;\s*filename="([^"]*)"/i.exec(line ?? '')?.[1] };
}

/** Reads a stream up to marks in it, which may lie across its pieces. */
class DelimitedReader {
  readonly #pieces: AsyncIterator<Buffer>;
  #held: Buffer = Buffer.alloc(0);

  constructor(body: AsyncIterable<Buffer>) {
    this.#pieces = body[Symbol.asyncIterator]();
  }

  prepend(bytes: Buffer): void {
    this.#held = Buffer.concat([bytes, this.#held]);
  }

  /** All up to the mark, which is passed over. */
  async *until(mark: Buffer): AsyncGenerator<Buffer> {
    for (;;) {
      const at = this.#held.indexOf(mark);
      if (at >= 0) {
        const last = this.#held.subarray(0, at);
        this.#held = this.#held.subarray(at + mark.length);
        if (last.length > 0) yield last;
        return;
      }
      // The mark may have begun in the last bytes held.
      const sure = Math.max(0, this.#held.length - mark.length + 1);
      const piece = this.#held.subarray(0, sure);
      this.#held = this.#held.subarray(sure);
      if (piece.length > 0) yield piece;
      await this.#more();
    }
  }

  async text(mark: Buffer): Promise<string> {
    const pieces: Buffer[] = [];
    let size = 0;
    for await (const piece of this.until(mark)) {
      size += piece.length;
      if (size > MAX_HEADER_BYTES) throw new FormUnreadableError('A part has long headers.');
      pieces.push(piece);
    }
    return Buffer.concat(pieces).toString('utf8');
  }

  /** Whether a part follows the delimiter that was just passed, rather than the end. */
  async atNextPart(): Promise<boolean> {
    while (this.#held.length < LINE_END.length) await this.#more();
    const next = this.#held.subarray(0, LINE_END.length);
    this.#held = this.#held.subarray(LINE_END.length);
    if (next.equals(LINE_END)) return true;
    if (next.toString() === '--') return false;
    throw new FormUnreadableError('A delimiter of the form is not followed by a line end.');
  }

  async #more(): Promise<void> {
    const { value, done } = await this.#pieces.next();
    if (done) throw new FormUnreadableError('The form ends before its last delimiter.');
    this.#held = Buffer.concat([this.#held, value]);
  }
}
