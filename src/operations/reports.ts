import { z } from 'zod';
import { DOWNLOAD_URL_KEYS } from './models.ts';
import { defineOperation, untyped } from './operation.ts';

export const reports = {
  generate: defineOperation({
    id: 'reports.generate',
    scope: 'reports:read',
    // The documents name no tier for it; it makes a file, so it is not taken for a plain read.
    effect: 'compute',
    response: 'file',
    secrets: DOWNLOAD_URL_KEYS,
    answerSeconds: 300,
    summary:
      'Render a report and export it as a file. Geopera documents no field of its body: send what the user knows of it, it is passed on as it is.',
    keywords: 'pdf summary create print make write produce findings results client',
    // A free-form body of which no document shows a key.
    input: () => z.object({}).passthrough(),
    output: untyped,
  }),
};
