import { lstat, realpath } from 'node:fs/promises';
import { basename, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Resource } from '@modelcontextprotocol/sdk/types.js';
import { plainText } from '../geopera/plain_text.ts';
import { inBytes } from '../tools/byte_words.ts';
import type { Asked, FileLink } from '../tools/tool.ts';
import { TransferError } from '../transfer/failures/transfer_error.ts';
import { openSourceFile, type SourceFile } from '../transfer/files/source_file.ts';
import { contentTypeOf } from '../workflows/content_types.ts';
import { fileContent } from './file_content.ts';
import { type Content, neverChanges, type ResourceKind } from './resource_kind.ts';
import { ResourceUnavailable } from './resource_offer.ts';

/** Clients read messages of up to 10 MiB, and base64 makes four bytes of three. */
const MOST_BYTES = 7 * 1024 * 1024;

/** Local files that the caller's own downloads made, and no others. */
export function fileResources(): ResourceKind {
  return {
    nameIn: pathIn,
    async list(asked) {
      const made = await madeFiles(asked);
      const there = await Promise.all(made.map(isThere));
      return made.filter((_, index) => there[index]).map(listed);
    },
    async read(path, asked) {
      const file = await madeFile(path, asked);
      return file && readFile(file, asked.signal);
    },
    async watch(path, _changed, asked) {
      // It is read only as long as it is what the download made: a change ends it.
      return (await madeFile(path, asked)) && neverChanges;
    },
  };
}

function pathIn(uri: string): string | undefined {
  if (!/^file:/i.test(uri)) return undefined;
  try {
    return fileURLToPath(uri);
  } catch {
    return undefined;
  }
}

/** What the newest download of each path made, newest first. */
async function madeFiles({ jobs, owner }: Asked): Promise<readonly FileLink[]> {
  const byPath = new Map<string, FileLink>();
  for (const { outcome } of await jobs.list(owner)) {
    const file = outcome?.state === 'completed' ? outcome.result.file : undefined;
    if (file !== undefined && !byPath.has(file.path)) byPath.set(file.path, file);
  }
  return [...byPath.values()];
}

/** Compared as this system compares paths; what is opened is the path that the download made. */
async function madeFile(path: string, asked: Asked): Promise<FileLink | undefined> {
  return (await madeFiles(asked)).find((file) => relative(file.path, path) === '');
}

async function isThere({ path, bytes }: FileLink): Promise<boolean> {
  const found = await lstat(path).catch(() => undefined);
  return found?.isFile() === true && found.size === bytes;
}

function listed(file: FileLink): Resource {
  return {
    uri: pathToFileURL(file.path).href,
    name: plainText(basename(file.path), 255),
    description: 'A file that a download of yours made on this machine.',
    mimeType: mediaTypeOf(file),
    size: file.bytes,
  };
}

function mediaTypeOf({ path, mediaType }: FileLink): string {
  return mediaType ?? contentTypeOf(path);
}

/** @returns undefined if what is there is not what the download made */
async function readFile(file: FileLink, signal: AbortSignal): Promise<Content | undefined> {
  if (file.bytes > MOST_BYTES) throw tooLarge(file);
  // A folder on the way may have been replaced by a link since.
  const real = await realpath(file.path).catch(() => undefined);
  const bytes = real === file.path ? await bytesOf(file, signal) : undefined;
  return bytes && fileContent(bytes, mediaTypeOf(file));
}

async function bytesOf(file: FileLink, signal: AbortSignal): Promise<Buffer | undefined> {
  try {
    const source = await openSourceFile(file.path);
    try {
      return source.size === file.bytes ? await allOf(source, signal) : undefined;
    } finally {
      await source.close();
    }
  } catch (failure) {
    if (failure instanceof TransferError) return undefined;
    throw failure;
  }
}

async function allOf(source: SourceFile, signal: AbortSignal): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(source.size);
  let end = 0;
  // The memory of a chunk is used again for the next but one.
  for await (const chunk of source.chunks(signal)) {
    bytes.set(chunk, end);
    end += chunk.byteLength;
  }
  return bytes;
}

function tooLarge({ path, bytes }: FileLink): ResourceUnavailable {
  return new ResourceUnavailable(
    `The file ${path} has ${inBytes(bytes)} (${bytes} bytes); at most ${inBytes(MOST_BYTES)} can be read as a resource. Open it by its path on this machine.`,
  );
}
