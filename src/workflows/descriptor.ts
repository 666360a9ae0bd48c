import { z } from 'zod';
import { unexpectedAnswer } from '../geopera/answers.ts';
import { plainNames } from '../geopera/plain_text.ts';

/** Keys under which a descriptor may hold its URL; the guides show the first. */
const URL_KEYS = ['url', 'download_url', 'signed_url', 'href'] as const;

/** The short-lived URL in a download descriptor. Throws `unexpected_answer` if there is none. */
export function descriptorUrl(operationId: string, descriptor: unknown): string {
  const body = z.record(z.unknown()).safeParse(descriptor);
  const keys = body.success ? Object.keys(body.data) : [];
  for (const key of URL_KEYS) {
    const value = body.success ? body.data[key] : undefined;
    if (typeof value === 'string' && URL.canParse(value)) return value;
  }
  const names = plainNames(keys) || 'none';
  throw unexpectedAnswer(operationId, `the descriptor holds no download URL (its keys: ${names})`);
}
