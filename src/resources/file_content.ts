import type { Content } from './resource_kind.ts';

const TEXT = /^(text\/|application\/(json|geo\+json|xml)\b)/i;
/** Clients read messages of up to 10 MiB, in which text may be longer than it is. */
const MOST_JSON_BYTES = 10_000_000;

/** The bytes of a file: as text where they are that and lose nothing by it, else in base64. */
export function fileContent(bytes: Buffer, mimeType: string): Content {
  const text = TEXT.test(mimeType) ? textOf(bytes) : undefined;
  return text === undefined ? { mimeType, blob: bytes.toString('base64') } : { mimeType, text };
}

function textOf(bytes: Buffer): string | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    return Buffer.byteLength(JSON.stringify(text)) > MOST_JSON_BYTES ? undefined : text;
  } catch {
    return undefined;
  }
}
