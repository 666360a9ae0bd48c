import { randomBytes } from 'node:crypto';
import { withRetries } from '../../transfer/failures/retrying.ts';
import { TransferError } from '../../transfer/failures/transfer_error.ts';
import { type Frame, framedSource } from '../../transfer/sources/framed_source.ts';
import { ServiceError } from '../http/service_error.ts';
import { uploadedFile } from './geolens_answers.ts';
import type { ImportWorld, SentFile } from './import_session.ts';

interface SendingForm {
  readonly signal: AbortSignal;
  onSent(bytes: number): void;
}

/** Sends the file to the service itself, as the field `file` of a form; the answer names its job. */
export async function sendForm(sending: SendingForm, world: ImportWorld): Promise<SentFile> {
  const { source, client, engine } = world;
  const boundary = `form-${randomBytes(18).toString('hex')}`;
  const frame = formFrame(boundary, world);
  const framed = framedSource(source, frame);
  const { job_id: jobId } = await withRetries(engine, sending.signal, async () => {
    let sent = 0;
    const onSent = (bytes: number) => {
      sent = bytes;
      sending.onSent(Math.min(source.size, Math.max(0, bytes - frame.before.length)));
    };
    try {
      return await client.ask(
        {
          call: 'geolens.upload',
          method: 'POST',
          path: '/ingest/upload',
          headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
          bytes: { source: framed, onSent },
          // Each one that arrives whole is a job of its own.
          repeatable: false,
          answerSeconds: 600,
          signal: sending.signal,
        },
        uploadedFile(),
      );
    } catch (failure) {
      throw sent < framed.size ? brokenOff(failure) : failure;
    }
  });
  return { way: 'form', jobId, parts: [], verified: 'none' };
}

/** A form that did not arrive whole made no job, so it may be sent again; one that never left was. */
function brokenOff(failure: unknown): unknown {
  if (!(failure instanceof ServiceError) || failure.kind !== 'unreachable') return failure;
  if (!failure.fateUnknown) return failure;
  return failure.cause instanceof TransferError ? failure.cause : failure;
}

/** What stands around the file, as browsers write it. */
function formFrame(
  boundary: string,
  { fileName, contentType }: Pick<ImportWorld, 'fileName' | 'contentType'>,
): Frame {
  const head = [
    `--${boundary}`,
    `Content-Disposition: form-data; name="file"; filename="${quotable(fileName)}"`,
    `Content-Type: ${contentType}`,
    '',
    '',
  ];
  return {
    before: Buffer.from(head.join('\r\n')),
    after: Buffer.from(`\r\n--${boundary}--\r\n`),
  };
}

/** All else goes as UTF-8. */
const ESCAPES: Readonly<Record<string, string>> = { '"': '%22', '\r': '%0D', '\n': '%0A' };

function quotable(fileName: string): string {
  return fileName.replace(/["\r\n]/g, (char) => ESCAPES[char] ?? char);
}
