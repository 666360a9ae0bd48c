import { z } from 'zod';
import { unexpectedAnswer } from '../geopera/answers.ts';
import { plainNames } from '../geopera/plain_text.ts';
import { DOWNLOAD_URL_KEYS } from '../operations/models.ts';

/** The short-lived URL in a download descriptor. Throws `unexpected_answer` if there is none. */
export function descriptorUrl(operationId: string, descriptor: unknown): string {
  const body = z.record(z.unknown()).safeParse(descriptor);
  const keys = body.success ? Object.keys(body.data) : [];
  for (const key of DOWNLOAD_URL_KEYS) {
    const value = body.success ? body.data[key] : undefined;
    if (typeof value === 'string' && URL.canParse(value)) return value;
  }
  const names = plainNames(keys) || 'none';
  throw unexpectedAnswer(operationId, `the descriptor holds no download URL (its keys: ${names})`);
}
