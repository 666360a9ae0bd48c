import { createHash } from 'node:crypto';
import { z } from 'zod';
import { uploads } from '../operations/uploads.ts';
import { TransferError } from '../transfer/failures/transfer_error.ts';
import type { RemoteAccess } from '../transfer/sources/remote_access.ts';
import { openRemoteSource } from '../transfer/sources/remote_source.ts';
import { InvalidArguments } from './arguments.ts';
import { hints } from './effect_hints.ts';
import { DEFAULT_TOOLSET } from './selection/tool_selection.ts';
import { defineTool, type ToolCall } from './tool.ts';
import { transferOutput } from './transfer_facts.ts';
import { uploadAnswered, uploadOutline } from './upload_answer.ts';
import { namedFile, oneFileOptions, uploadOptions } from './upload_arguments.ts';

const NAME = 'upload_from_url';
const LONGEST_URL = 8192;

export const uploadFromUrl = defineTool({
  name: NAME,
  title: 'Upload a file from a URL',
  description:
    'Upload the file behind a public https URL, such as the href of a STAC asset, into a Geopera project and make it a STAC item. This server streams and verifies it; on any failure the reserved quota is released. Answers the new item ids. Goes on after wait_seconds: follow it with transfer_status. The URL must answer a plain GET with a Content-Length; private addresses are refused.',
  toolsets: [DEFAULT_TOOLSET, 'uploads'],
  hints: hints({}),
  scope: uploads.initiate.scope,
  input: () =>
    z
      .object({
        url: z
          .string()
          .min(1)
          .max(LONGEST_URL)
          .describe('Where the file is (https), with the signature if it needs one.'),
        ...uploadOptions(),
        ...oneFileOptions('the last part of the URL path'),
      })
      .strict(),
  output: () => transferOutput(uploadOutline()),
  async run(input, call) {
    const remote = remoteOf(call);
    const url = urlOf(input.url);
    remote.assertUrl(url);
    const named = namedFile(NAME, input.file_name ?? lastSegment(url), input.content_type);
    const open = (signal: AbortSignal) => openRemoteSource(url, remote, signal);
    return uploadAnswered({ files: [{ ...named, open }], state: [digestOf(url)] }, input, call);
  },
});

function remoteOf({ context }: ToolCall): RemoteAccess {
  if (context.remote !== undefined) return context.remote;
  throw new TransferError({ code: 'address_refused', message: 'this server fetches no URLs.' });
}

function urlOf(text: string): URL {
  if (URL.canParse(text)) return new URL(text);
  throw new InvalidArguments(NAME, ['url: not a URL']);
}

function lastSegment({ pathname }: URL): string {
  const segment = pathname.slice(pathname.lastIndexOf('/') + 1);
  if (segment === '') {
    throw new InvalidArguments(NAME, ['file_name: the path of the URL ends without a name']);
  }
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

/** A signature in the URL is a secret, and is kept nowhere. */
function digestOf({ href }: URL): string {
  return createHash('sha256').update(href).digest('hex');
}
