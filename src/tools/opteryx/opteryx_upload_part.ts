import { basename } from 'node:path';
import { z } from 'zod';
import { createServiceClient } from '../../connectors/http/service_client.ts';
import { fileNameHeader } from '../../connectors/opteryx/file_name_header.ts';
import { kindOf } from '../../connectors/opteryx/open_tables.ts';
import { partNumber, sessionIdField } from '../../connectors/opteryx/opteryx_endpoints.ts';
import type { OpteryxService } from '../../connectors/opteryx/opteryx_service.ts';
import { putPart } from '../../connectors/opteryx/send_part.ts';
import { resolveSource } from '../../transfer/files/allowed_folders.ts';
import { openSourceFile } from '../../transfer/files/source_file.ts';
import { InvalidArguments } from '../arguments.ts';
import { hints } from '../effect_hints.ts';
import { defineTool, type Tool } from '../tool.ts';

const NAME = 'opteryx_upload_part';
/** What the service takes on the wire for one part. */
const MOST_BYTES = 30_000_000;

/** Sends one file as it is, as one part of a session. */
export function opteryxUploadPart({ access }: OpteryxService, toolsets: readonly string[]): Tool {
  return defineTool({
    name: NAME,
    title: 'Upload one part of a session',
    description:
      'Send one file as it is, as one part of an upload session: a complete parquet, csv or ndjson file of at most 30 MB. The same number again replaces the part.',
    toolsets,
    hints: hints({ idempotent: true }),
    input: () =>
      z
        .object({
          session_id: sessionIdField(),
          part: partNumber(),
          path: z.string().min(1).describe('File on this machine.'),
          content_encoding: z
            .enum(['gzip', 'zstd', 'br', 'deflate'])
            .optional()
            .describe('If the file is compressed; told by .gz, .br and .zst.'),
        })
        .strict(),
    async run({ session_id, part, path: asked, content_encoding }, call) {
      const path = await resolveSource(asked, await call.folders());
      const { contentType, encoding, name } = facedAs(path, content_encoding);
      const body = await openSourceFile(path);
      try {
        if (body.size > MOST_BYTES) throw tooLarge(body.size);
        const headers = {
          'content-type': contentType,
          'x-file-name': fileNameHeader(name),
          ...(encoding === undefined ? {} : { 'content-encoding': encoding }),
        };
        const client = createServiceClient(access, call.context.engine);
        const terms = { signal: call.signal };
        const accepted = await putPart(session_id, part, { body, headers }, client, terms);
        return { facts: { part, bytes: body.size, ...accepted } };
      } finally {
        await body.close();
      }
    },
  });
}

/** Nothing is read here of a part, so that it may be compressed in a way that only the service reads. */
const ZSTD_ENDING = /\.zst$/i;

/** How a file is told to the service. Throws `TableRefused`. */
function facedAs(path: string, asked: string | undefined) {
  const fileName = basename(path);
  const isZstd = ZSTD_ENDING.test(fileName);
  const kind = kindOf(fileName.replace(ZSTD_ENDING, ''));
  const codec = kind.format === 'parquet' ? undefined : kind.codec;
  // Compressed twice, or a Parquet file: it is refused by its whole name.
  if (isZstd && (kind.format === 'parquet' || codec !== undefined)) kindOf(fileName);
  const { contentType, plainName: name } = kind;
  return { contentType, encoding: asked ?? (isZstd ? 'zstd' : codec), name };
}

function tooLarge(bytes: number): InvalidArguments {
  return new InvalidArguments(NAME, [
    `path: the file has ${bytes} bytes, and one part takes ${MOST_BYTES}; opteryx_upload_file cuts csv and ndjson`,
  ]);
}
