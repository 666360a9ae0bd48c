import { StorageError } from '../storage_errors.ts';
import type { NamedPart } from './s3_store.ts';

const HEAD = "<?xml version='1.0' encoding='UTF-8'?>";
const NAMESPACE = 'http://s3.amazonaws.com/doc/2006-03-01/';

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};
const MARKS: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#34;': '"',
  '&apos;': "'",
};

/** A document of one element with text members, as S3 answers. */
export function xmlDocument(root: string, members: Readonly<Record<string, string>>): string {
  return `${HEAD}<${root} xmlns="${NAMESPACE}">${elements(members)}</${root}>`;
}

/** What completes an upload in parts. */
export function completionXml(parts: readonly NamedPart[]): string {
  const listed = parts.map(
    ({ number, etag }) => `<Part>${elements({ PartNumber: String(number), ETag: etag })}</Part>`,
  );
  const root = 'CompleteMultipartUpload';
  return `<${root} xmlns="${NAMESPACE}">${listed.join('')}</${root}>`;
}

/** @throws StorageError MalformedXML */
export function readCompletion(xml: string): NamedPart[] {
  if (!/<CompleteMultipartUpload[\s>]/.test(xml)) throw malformed();
  return [...xml.matchAll(/<Part>(.*?)<\/Part>/gs)].map(([, part = '']) => {
    const number = Number(elementText(part, 'PartNumber') ?? Number.NaN);
    const etag = elementText(part, 'ETag');
    if (!Number.isInteger(number) || etag === undefined) throw malformed();
    return { number, etag };
  });
}

/** The text of the first element of that name, if there is one. */
export function elementText(xml: string, name: string): string | undefined {
  const text = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1];
  return text?.replace(/&[a-z0-9#]+;/g, (entity) => MARKS[entity] ?? entity);
}

function elements(members: Readonly<Record<string, string>>): string {
  return Object.entries(members)
    .map(([name, text]) => `<${name}>${escapeXml(text)}</${name}>`)
    .join('');
}

function escapeXml(text: string): string {
  return text.replace(/[&<>"]/g, (mark) => ENTITIES[mark] ?? mark);
}

function malformed(): StorageError {
  return new StorageError(400, 'MalformedXML', 'The XML is not what the request needs.');
}
