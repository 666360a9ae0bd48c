import { z } from 'zod';
import type {
  GeolensUploadOutcome,
  GeolensUploadRequest,
} from '../../connectors/geolens/geolens_upload.ts';
import { plainText } from '../../geopera/plain_text.ts';
import { transferOutput } from '../transfer_facts.ts';
import { previewFacts } from './preview_facts.ts';

type Facts = Readonly<Record<string, unknown>>;

const outline = () =>
  z.object({ job_id: z.string(), job_status: z.string(), dataset_id: z.string() });

/** What programs read of an import; or of one that the user is asked of first, which is no transfer yet. */
export const importOutput = () =>
  transferOutput(outline())
    .extend({ status: z.enum(['running', 'completed', 'not_done_yet']) })
    .partial({ transfer_id: true });

/** The outcome of an import as a model reads it. */
export function importFacts(
  { fileName, terms }: Pick<GeolensUploadRequest, 'fileName' | 'terms'>,
  { jobId, bytes, seconds, sent, preview, seen }: GeolensUploadOutcome,
): Facts {
  const { way, parts, crc32c, verified } = sent;
  const job = seen?.job;
  return {
    job_id: jobId,
    // What a commit is answered with.
    job_status: job?.status ?? 'pending',
    ...present({ dataset_id: job?.dataset_id, warning: job?.warning_message }),
    title: terms.title,
    visibility: terms.visibility,
    file_name: fileName,
    bytes,
    seconds: Math.round(seconds * 1000) / 1000,
    sent_by: way,
    ...(parts.length > 0 && { parts: parts.length }),
    ...(crc32c !== undefined && { crc32c }),
    verified,
    ...(preview !== undefined && { preview: previewFacts(preview) }),
    ...(job?.dataset_id ? {} : { note: noteOf(seen), next: nextOf(jobId) }),
  };
}

const NOTES = {
  done: 'The import ended without naming a dataset.',
  deadline: 'The import was committed and goes on at GeoLens; it takes longer than this waits.',
} as const;

function noteOf(seen: GeolensUploadOutcome['seen']): string {
  if (seen === undefined) return 'The import was committed and goes on at GeoLens.';
  if (seen.end !== 'unseen') return NOTES[seen.end];
  const why = plainText(seen.detail ?? 'no answer', 200);
  return `The import was committed; how far it is could not be seen (${why}).`;
}

function nextOf(jobId: string): string {
  return `geolens_job_status with job_id ${jobId} tells the dataset id once it is complete. Do not upload the file again.`;
}

function present(members: Readonly<Record<string, string | null | undefined>>): Facts {
  return Object.fromEntries(
    Object.entries(members).filter(([, value]) => value !== null && value !== undefined),
  );
}
