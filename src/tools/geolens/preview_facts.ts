import type { FilePreview } from '../../connectors/geolens/geolens_answers.ts';

const MOST_TEXT_CHARS = 120;
const MOST_MEMBERS = 40;
const MOST_ROWS = 3;
/** A table and its rows; of what is within a value it is told how much there is. */
const MOST_DEPTH = 2;

/** Known to whoever asked. */
const TOLD_ELSEWHERE = new Set(['job_id', 'source_filename']);

/** A preview cut to what tells a model whether the file is what it takes it for. */
export function previewFacts(preview: FilePreview): Readonly<Record<string, unknown>> {
  const members = Object.entries(preview)
    .filter(([name, value]) => !TOLD_ELSEWHERE.has(name) && value !== null)
    .map(([name, value]) => [name, cut(value, name === 'sample_rows' ? MOST_ROWS : MOST_MEMBERS)]);
  return Object.fromEntries(members);
}

function cut(value: unknown, most: number, depth = 0): unknown {
  if (typeof value === 'string') return cutText(value);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value);
  if (depth >= MOST_DEPTH) return `${members.length} members`;
  const kept = members
    .slice(0, most)
    .map(([name, member]) => [cutText(name), cut(member, MOST_MEMBERS, depth + 1)] as const);
  const more = members.length - kept.length;
  if (Array.isArray(value)) {
    const entries = kept.map(([, member]) => member);
    return more === 0 ? entries : [...entries, `and ${more} more`];
  }
  return { ...Object.fromEntries(kept), ...(more > 0 && { '…': `${more} more` }) };
}

function cutText(text: string): string {
  return text.length > MOST_TEXT_CHARS ? `${text.slice(0, MOST_TEXT_CHARS)}…` : text;
}
