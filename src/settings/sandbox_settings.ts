import { z } from 'zod';
import { folderPath, setting, wholeNumber } from './setting.ts';

/** How an embedded sandbox behaves. */
export const sandboxSettings = {
  port: setting(
    { commands: ['sandbox'], flag: 'port', form: 'text', placeholder: 'N' },
    'Port on 127.0.0.1; 0 takes any free one.',
    wholeNumber(0, 65_535).default('0'),
  ),
  dataDir: setting(
    {
      commands: ['stdio', 'http', 'transfers', 'doctor', 'sandbox'],
      flag: 'data',
      form: 'text',
      placeholder: 'FOLDER',
    },
    'Where the sandbox keeps its state and objects. A temporary folder, removed at the end, if not given.',
    z.string().min(1).transform(folderPath).optional(),
  ),
  quotaBytes: setting(
    { commands: ['sandbox'], flag: 'quota-bytes', form: 'text', placeholder: 'N' },
    'Storage quota of the sandbox in bytes; 10 GiB if not given.',
    wholeNumber(0).optional(),
  ),
  urlLifetimeSeconds: setting(
    { commands: ['sandbox'], flag: 'url-lifetime', form: 'text', placeholder: 'SECONDS' },
    'How long a signed URL of the sandbox lives.',
    wholeNumber(1).default('900'),
  ),
  expiredStatus: setting(
    { commands: ['sandbox'], flag: 'expired-status', form: 'text', placeholder: 'STATUS' },
    'How its storage refuses an expired URL: 400 as Google Cloud Storage does, 403 as the guide says.',
    z.enum(['400', '403']).default('400'),
  ),
  clipDownload: setting(
    { commands: ['sandbox'], flag: 'clip-download', form: 'text', placeholder: 'KIND' },
    'What its `clip.job.download` answers, on which the documents disagree: json, redirect or bytes.',
    z.enum(['json', 'redirect', 'bytes']).default('json'),
  ),
  withServices: setting(
    { commands: ['sandbox'], flag: 'with', form: 'list', placeholder: 'SERVICE' },
    'Serve another service too, each on a port of its own: opteryx, geolens.',
    z
      .array(z.string())
      .transform((lists) => lists.flatMap((list) => list.split(/[\s,]+/)).filter((it) => it !== ''))
      .pipe(z.array(z.enum(['opteryx', 'geolens'], { message: 'must be opteryx or geolens' })))
      .default([]),
  ),
};
