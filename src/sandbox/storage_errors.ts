import { type Answer, textAnswer } from './delivery.ts';

/** An error that the storage answers as XML, in the form of Google Cloud Storage. */
export class StorageError extends Error {
  override readonly name = 'StorageError';

  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
  }
}

/** The codes that go with a bare status, for faults that name no code. */
const CODES: Readonly<Record<number, string>> = {
  400: 'InvalidArgument',
  403: 'AccessDenied',
  404: 'NoSuchKey',
  408: 'RequestTimeout',
  412: 'PreconditionFailed',
  429: 'SlowDown',
  500: 'InternalError',
  503: 'ServiceUnavailable',
};

export function codeOf(status: number): string {
  return CODES[status] ?? 'Error';
}

/** How an expired URL is refused: 400 as the storage does, 403 as Geopera's guide has it. */
const EXPIRED = {
  400: new StorageError(400, 'ExpiredToken', 'The provided token has expired.'),
  403: new StorageError(403, 'AccessDenied', 'Request has expired'),
} as const;

export function expiredUrl(status: 400 | 403): StorageError {
  return EXPIRED[status];
}

export function storageErrorAnswer(error: StorageError): Answer {
  const text = `<?xml version='1.0' encoding='UTF-8'?><Error><Code>${escapeXml(error.code)}</Code><Message>${escapeXml(error.message)}</Message></Error>`;
  return textAnswer(error.status, 'application/xml; charset=UTF-8', text, error.headers);
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

function escapeXml(text: string): string {
  return text.replace(/[&<>]/g, (mark) => ENTITIES[mark] ?? mark);
}
