import type { UploadSource } from '../../../transfer/sources/upload_source.ts';
import { decodedChunks } from './decoded_chunks.ts';
import { parquetFooter } from './parquet_footer.ts';
import type { TableKind, TextKind } from './table_kind.ts';
import { NotATable, type NotATableReason } from './table_refusals.ts';

const LOOKED_AT_BYTES = 64 * 1024;
const LF = 0x0a;
const CR = 0x0d;

/** How files begin that are no text whatever their names say. No text begins with any of these. */
const SIGNATURES: readonly (readonly [hex: string, NotATableReason])[] = [
  ['fffe', 'utf16'],
  ['feff', 'utf16'],
  ['1f8b', 'compressed_inside'],
  ['28b52ffd', 'compressed_inside'],
  ['fd377a585a00', 'compressed_inside'],
  ['504b0304', 'archive'],
  ['d0cf11e0', 'archive'],
];

/** The beginning of a text. */
interface Beginning {
  readonly bytes: Buffer;
  readonly isWhole: boolean;
}

/**
 * Looks at a few bytes of a file whether it is what its name says, so that what the service would refuse in
 * the end is refused before anything is sent.
 *
 * @throws NotATable
 */
export async function assertTable(
  source: UploadSource,
  kind: TableKind,
  signal: AbortSignal,
): Promise<void> {
  if (kind.format === 'parquet') {
    await parquetFooter(source, signal);
    return;
  }
  const beginning = await beginningOf(source, kind, signal);
  const reason = binaryReason(beginning.bytes) ?? CHECKS[kind.format](beginning);
  if (reason !== undefined) throw new NotATable(reason);
}

async function beginningOf(
  source: UploadSource,
  kind: TextKind,
  signal: AbortSignal,
): Promise<Beginning> {
  const taken: Buffer[] = [];
  let length = 0;
  for await (const { bytes } of decodedChunks(source, kind.codec, signal)) {
    taken.push(Buffer.from(bytes));
    length += bytes.length;
    if (length > LOOKED_AT_BYTES) break;
  }
  const bytes = Buffer.concat(taken);
  return { bytes: bytes.subarray(0, LOOKED_AT_BYTES), isWhole: length <= LOOKED_AT_BYTES };
}

function binaryReason(bytes: Buffer): NotATableReason | undefined {
  const start = bytes.toString('hex', 0, 8);
  const signature = SIGNATURES.find(([hex]) => start.startsWith(hex));
  if (signature !== undefined) return signature[1];
  if (!bytes.includes(0)) return undefined;
  // A header can begin with these letters too, but holds no NUL.
  if (bytes.toString('latin1', 0, 4) === 'PAR1') return 'parquet_inside';
  return bytes[0] === 0 || bytes[1] === 0 ? 'utf16' : 'binary';
}

const CHECKS: Readonly<
  Record<TextKind['format'], (beginning: Beginning) => NotATableReason | undefined>
> = {
  csv: ({ bytes }) => {
    const firstReturn = bytes.indexOf(CR);
    const isBare = firstReturn !== -1 && firstReturn < bytes.length - 1 && !bytes.includes(LF);
    return isBare ? 'bare_returns' : undefined;
  },
  ndjson: ({ bytes, isWhole }) => {
    // Decoded without the byte order mark.
    const text = new TextDecoder().decode(bytes).trimStart();
    if (text === '') return undefined;
    if (text.startsWith('[')) return 'json_array';
    if (!text.startsWith('{')) return 'json_document';
    const [line = '', rest] = text.split('\n', 2);
    const isWholeLine = isWhole || rest !== undefined;
    return isWholeLine && !isJson(line) ? 'json_document' : undefined;
  },
};

function isJson(line: string): boolean {
  try {
    JSON.parse(line);
    return true;
  } catch {
    return false;
  }
}
