import { withDeadline } from '../geopera/deadline.ts';
import { GeoperaError } from '../geopera/geopera_error.ts';
import { plainText } from '../geopera/plain_text.ts';
import { clip } from '../operations/clip.ts';
import { items } from '../operations/items.ts';
import type { Operation } from '../operations/operation.ts';
import type { Asked } from '../tools/tool.ts';
import { recordsIn, stringField } from '../workflows/listings.ts';
import type { RecentProjects } from './recent_projects.ts';
import type { Known, Unfinished } from './resource_offer.ts';

/** Whoever types does not wait longer. */
const SECONDS = 5;
/** Of so many projects items are listed where none is named, a page each. */
const PROJECTS_AT_ONCE = 3;
const LONGEST = 200;
/** Arguments that hold several, with commas between. */
const LISTS = new Set(['assets']);
/** One try each. */
const TERMS = { patienceMs: 0 };

/** Finds what may be meant, best first. */
type Source = (known: Known, asked: Asked) => Promise<readonly string[]>;

/** What the variables of templates and the arguments of prompts may be, by their names. */
export class Suggestions {
  readonly #projects: RecentProjects;
  readonly #reaches: (operation: Operation) => boolean;
  readonly #sources: ReadonlyMap<string, Source>;

  /** @param reaches whether an operation may be called */
  constructor(projects: RecentProjects, reaches: (operation: Operation) => boolean = () => true) {
    this.#projects = projects;
    this.#reaches = reaches;
    const by = (operation: Operation, source: Source): Source =>
      reaches(operation) ? source : async () => [];
    this.#sources = new Map<string, Source>([
      ['project_id', (_known, asked) => this.#projectIds(asked)],
      ['item_id', (known, asked) => this.#itemIds(known['project_id'], asked)],
      ['assets', by(items.listAssets, (known, asked) => assetKeys(known['item_id'], asked))],
      ['mosaic_type', by(clip.jobDownloads, (known, asked) => mosaicTypes(known['job_id'], asked))],
      ['transfer_id', async (_known, { jobs, owner }) => idsOf(await jobs.list(owner))],
    ]);
  }

  /** Nothing for names that it does not know; where the API does not answer, what is known without it. */
  async complete(
    { name, value }: Unfinished,
    known: Known,
    asked: Asked,
  ): Promise<readonly string[]> {
    const source = this.#sources.get(name);
    if (source === undefined) return [];
    // Of a list, the last one is being typed.
    const before = LISTS.has(name) ? value.slice(0, value.lastIndexOf(',') + 1) : '';
    const found = await withDeadline('completion', SECONDS, asked.signal, (signal) =>
      orNothing(() => source(known, { ...asked, signal })),
    );
    return [...new Set(found)]
      .filter(isPlain)
      .map((one) => `${before}${one}`)
      .filter((whole) => whole.startsWith(value));
  }

  /** Those known to this server, after it has asked where the owner's newest upload went. */
  async #projectIds(asked: Asked): Promise<readonly string[]> {
    const { context, owner, signal } = asked;
    const [item_id] = await uploadedItems(asked);
    if (item_id !== undefined && this.#reaches(items.get)) {
      await orNothing(async () => {
        const { item } = await context.geopera.call(items.get, { item_id }, signal, TERMS);
        this.#projects.remember(owner, item['project_id']);
        return [];
      });
    }
    return this.#projects.of(owner);
  }

  /** The owner's own uploads, then what the projects hold. */
  async #itemIds(projectId: string | undefined, asked: Asked): Promise<readonly string[]> {
    if (projectId) return this.#itemsOf(projectId, asked);
    const projects = (await this.#projectIds(asked)).slice(0, PROJECTS_AT_ONCE);
    const listed = projects.map((id) => orNothing(() => this.#itemsOf(id, asked)));
    return [...(await uploadedItems(asked)), ...(await Promise.all(listed)).flat()];
  }

  async #itemsOf(
    project_id: string,
    { context, owner, signal }: Asked,
  ): Promise<readonly string[]> {
    if (!this.#reaches(items.list)) return [];
    const listing = await context.geopera.call(items.list, { project_id }, signal, TERMS);
    const ids = namesIn(listing, ['items', 'features', 'results'], ['id']);
    if (ids.length > 0) this.#projects.remember(owner, project_id);
    return ids;
  }
}

async function orNothing(look: () => Promise<readonly string[]>): Promise<readonly string[]> {
  try {
    return await look();
  } catch (failure) {
    if (failure instanceof GeoperaError) return [];
    throw failure;
  }
}

async function assetKeys(item_id: string | undefined, { context, signal }: Asked) {
  if (!item_id) return [];
  const listing = await context.geopera.call(items.listAssets, { item_id }, signal, TERMS);
  return namesIn(listing, ['assets', 'items', 'results'], ['key', 'asset_key', 'id']);
}

async function mosaicTypes(job_id: string | undefined, { context, signal }: Asked) {
  if (!job_id) return [];
  const listing = await context.geopera.call(clip.jobDownloads, { job_id }, signal, TERMS);
  return namesIn(
    listing,
    ['downloads', 'files', 'mosaics', 'items', 'results'],
    ['mosaic_type', 'type', 'key', 'name'],
  );
}

function namesIn(listing: unknown, keys: readonly string[], fields: readonly string[]): string[] {
  return recordsIn(listing, keys).flatMap((record) => stringField(record, ...fields) ?? []);
}

/** Items that uploads of the owner made, newest first. */
async function uploadedItems({ jobs, owner }: Asked): Promise<readonly string[]> {
  const transfers = await jobs.list(owner);
  return transfers.flatMap(({ outcome }) => {
    const ids = outcome?.state === 'completed' ? outcome.result.facts['item_ids'] : undefined;
    return Array.isArray(ids) ? ids.filter((id) => typeof id === 'string' && id !== '') : [];
  });
}

function idsOf(transfers: readonly { readonly id: string }[]): string[] {
  return transfers.map(({ id }) => id);
}

/** What others wrote, and would not be shown as it is, is no suggestion. */
function isPlain(value: string): boolean {
  return value.length <= LONGEST && plainText(value) === value;
}
