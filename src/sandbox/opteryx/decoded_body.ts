import type { Transform } from 'node:stream';
import zlib from 'node:zlib';
import { z } from 'zod';
import { refusal } from './refusals.ts';
import { TableUnreadable } from './tables/cells.ts';
import type { Encoding } from './tables/table_kind.ts';

const GZIP_MAGIC = Buffer.from([0x1f, 0x8b]);
const ZSTD_MAGIC = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);
/** The low half of zlib's first byte; a bare DEFLATE stream hardly ever begins so. */
const ZLIB_METHOD = 8;

/** Only newer versions of Node know this format. */
const makeZstd = z
  .custom<() => Transform>((value) => typeof value === 'function')
  .optional()
  .parse(Reflect.get(zlib, 'createZstdDecompress'));

/** Whether this process can decode zstd; where it cannot, such a body is refused. */
export const DECODES_ZSTD = makeZstd !== undefined;

const DECODERS: Readonly<Record<Encoding, (head: Buffer) => Transform>> = {
  gzip: () => zlib.createGunzip(),
  deflate: (head) =>
    ((head[0] ?? 0) & 0x0f) === ZLIB_METHOD ? zlib.createInflate() : zlib.createInflateRaw(),
  br: () => zlib.createBrotliDecompress(),
  zstd: () => {
    if (makeZstd === undefined) throw refusal(422, 'This emulator cannot decode zstd.');
    return makeZstd();
  },
};

/** The body as told in `told.encoding`, which is what is declared or, failing that, recognized. */
export interface ToldEncoding {
  encoding: Encoding | undefined;
}

/**
 * The body without its encoding. gzip and zstd are known by their first bytes too.
 *
 * @throws Refusal 413 beyond `limit` bytes; TableUnreadable if it is not so encoded
 */
export async function* decodedBody(
  body: AsyncIterable<Buffer>,
  told: ToldEncoding,
  limit: number,
): AsyncGenerator<Buffer> {
  const pieces = body[Symbol.asyncIterator]();
  const first = await pieces.next();
  if (first.done === true) return;
  const head = first.value;
  told.encoding ??= recognized(head);
  const source = resumed(head, pieces);
  const plain =
    told.encoding === undefined ? source : through(DECODERS[told.encoding](head), source);
  let size = 0;
  for await (const chunk of plain) {
    size += chunk.length;
    if (size > limit) throw refusal(413, `The part is more than ${limit} bytes once decoded.`);
    yield chunk;
  }
}

function recognized(head: Buffer): Encoding | undefined {
  if (head.subarray(0, GZIP_MAGIC.length).equals(GZIP_MAGIC)) return 'gzip';
  return head.subarray(0, ZSTD_MAGIC.length).equals(ZSTD_MAGIC) ? 'zstd' : undefined;
}

async function* resumed(head: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  yield head;
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) {
    yield next.value;
  }
}

async function* through(codec: Transform, source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const feeding = feed(codec, source);
  // It is awaited below; until then a failure of it must not count as unheard.
  feeding.catch(() => {});
  try {
    for await (const chunk of codec) if (Buffer.isBuffer(chunk)) yield chunk;
  } catch (cause) {
    codec.destroy();
    await feeding;
    throw new TableUnreadable('The body is not encoded as it is said to be.', { cause });
  } finally {
    codec.destroy();
  }
  await feeding;
}

/** @throws what the source throws */
async function feed(codec: Transform, source: AsyncIterable<Buffer>): Promise<void> {
  try {
    for await (const chunk of source) {
      if (codec.destroyed) return;
      if (!codec.write(chunk)) await hasRoom(codec);
    }
    codec.end();
  } catch (error) {
    codec.destroy(new Error('The source ended early.'));
    throw error;
  }
}

/** Resolves when the codec takes more, or never will. */
function hasRoom(codec: Transform): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      codec.off('drain', done).off('close', done);
      resolve();
    };
    codec.on('drain', done).on('close', done);
  });
}
