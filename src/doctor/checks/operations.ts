import type { OpenapiAnswer } from '../../geopera/openapi_document.ts';
import { plainText } from '../../geopera/plain_text.ts';
import { compareCatalogue, type Difference } from '../catalogue_comparison.ts';
import { changeWords } from '../change_words.ts';
import { COMPOSITES } from '../composites.ts';
import { type Found, fault, ok, warning } from '../finding.ts';
import { leftOutFor, reasonFor } from '../known_differences.ts';
import type { Patient } from '../patient.ts';
import { NotThePublishedApi, type PublishedApi, readPublishedApi } from '../published_api.ts';
import { answered } from './answered.ts';

const MOST_SHOWN = 20;
const UPDATE = 'Look for a newer version: npx geopera-mcp@latest.';

/** Whether the API is what this version knows: what is new, gone or changed. */
export async function checkOperations(patient: Patient, signal: AbortSignal): Promise<Found[]> {
  const answer = await answered(patient, signal);
  if (answer === undefined) return [];
  const api = publishedIn(answer.document);
  if (!('operations' in api)) return [unreadable(api)];
  const found = compareCatalogue(api, patient.catalogue).filter(isNews(api));
  const news = [fresh(found), gone(found), changed(found)].flat();
  if (news.length > 0) return news;
  return [ok(`all ${patient.catalogue.length} are published as this version knows them`)];
}

/** Why the document is not what is looked for. */
interface Unreadable {
  readonly why: string;
  /** True if it is somebody else who answers. */
  readonly isAnother: boolean;
  /** True if it wants to know first who asks. */
  readonly isClosed: boolean;
}

function publishedIn(document: OpenapiAnswer['document']): PublishedApi | Unreadable {
  if ('failure' in document) {
    const { detail, kind, status } = document.failure;
    const isClosed = status === 401 || status === 403;
    return { why: detail, isAnother: kind === 'not_the_api', isClosed };
  }
  try {
    return readPublishedApi(document.json);
  } catch (error) {
    if (!(error instanceof NotThePublishedApi)) throw error;
    return { why: error.message, isAnother: true, isClosed: false };
  }
}

function unreadable({ why, isAnother, isClosed }: Unreadable): Found {
  const found = `openapi.json, which lists them, could not be read: ${why}`;
  if (isClosed) {
    const gateway = 'Geopera shows it to everybody, so a gateway on the way may want a sign-in.';
    return warning(found, `${gateway} Calls may work all the same.`);
  }
  const address = 'Look whether --api-url (GEOPERA_API_URL) is the address of the API itself.';
  if (isAnother) return fault(found, address);
  return warning(found, `${address} Calls may work all the same.`);
}

function isNews(api: PublishedApi): (difference: Difference) => boolean {
  return (difference) => {
    if (reasonFor(difference) !== undefined) return false;
    const published = api.operations.get(difference.operation);
    return (
      difference.ours !== undefined ||
      published === undefined ||
      leftOutFor(published) === undefined
    );
  };
}

const isPresence = ({ fact }: Difference) => fact === 'presence';

function fresh(found: readonly Difference[]): Found[] {
  const ids = idsOf(found.filter((it) => isPresence(it) && it.ours === undefined));
  if (ids.length === 0) return [];
  const says = `${ids.length} new in the API, which this version does not offer`;
  return [warning(says, UPDATE, listed(ids, 'new', ids))];
}

function gone(found: readonly Difference[]): Found[] {
  const ids = idsOf(found.filter((it) => isPresence(it) && it.published === undefined));
  if (ids.length === 0) return [];
  const needed = COMPOSITES.filter(({ operations }) =>
    operations.some((it) => ids.includes(it.id)),
  );
  const says = `${ids.length} gone from the API; calls of ${ids.length === 1 ? 'it' : 'these'} will fail`;
  const more = listed(ids, 'gone', ids);
  if (needed.length === 0) return [warning(says, UPDATE, more)];
  const jobs = needed.map(({ job }) => job).join(', ');
  return [fault(`${says}, and so will ${jobs}`, UPDATE, more)];
}

function changed(found: readonly Difference[]): Found[] {
  const changes = found.filter((it) => !isPresence(it));
  const ids = idsOf(changes);
  if (ids.length === 0) return [];
  const lines = ids.map((id) => {
    const own = changes.filter(({ operation }) => operation === id).map(changeWords);
    return plainText(`${id}: ${own.join('; ')}`, 300);
  });
  const says = `${ids.length} changed in the API; calls of ${ids.length === 1 ? 'it' : 'these'} may be refused`;
  return [warning(says, UPDATE, listed(lines, 'changed', changes))];
}

function idsOf(found: readonly Difference[]): readonly string[] {
  return [...new Set(found.map(({ operation }) => plainText(operation, 100)))];
}

function listed(lines: readonly string[], name: string, facts: readonly unknown[]) {
  const more = lines.length - MOST_SHOWN;
  const details = more > 0 ? [...lines.slice(0, MOST_SHOWN), `and ${more} more`] : lines;
  return { details, facts: { [name]: facts } };
}
