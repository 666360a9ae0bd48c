import { items } from '../operations/items.ts';
import type { Operation } from '../operations/operation.ts';
import { explain } from '../tools/explain.ts';
import { INTERNAL } from '../tools/explanation.ts';
import type { FileAccess } from '../tools/file_access.ts';
import type { Asked } from '../tools/tool.ts';
import { fileResources } from './file_resources.ts';
import { itemResources } from './item_resources.ts';
import type { RecentProjects } from './recent_projects.ts';
import { neverChanges, type ResourceKind } from './resource_kind.ts';
import { ResourceNotFound, type ResourceOffer, ResourceUnavailable } from './resource_offer.ts';
import type { Suggestions } from './suggestions.ts';
import { transferResources } from './transfer_resources.ts';

const OWN_SCHEMES = /^(geopera|file):/i;

/**
 * What of Geopera, and of its transfers, can be read as a resource.
 *
 * @param reaches whether an operation may be called
 */
export function geoperaResources(
  access: FileAccess,
  projects: RecentProjects,
  suggestions: Suggestions,
  reaches: (operation: Operation) => boolean = () => true,
): ResourceOffer {
  const kinds: readonly ResourceKind[] = [
    ...([items.get, items.listAssets].every(reaches) ? [itemResources(projects)] : []),
    transferResources(),
    // Files of a machine that is not the client's are not for the client to read.
    ...(access === 'links' ? [] : [fileResources()]),
  ];
  const templates = kinds.flatMap(({ template }) => template ?? []);

  async function find<Found>(
    uri: string,
    asked: Asked,
    look: (kind: ResourceKind, name: string) => Promise<Found | undefined>,
  ): Promise<Found> {
    for (const kind of kinds) {
      const name = kind.nameIn(uri);
      const found = name === undefined ? undefined : await inWords(asked, () => look(kind, name));
      if (found !== undefined) return found;
    }
    throw new ResourceNotFound(uri);
  }

  return {
    templates,
    list: (asked) =>
      inWords(asked, async () => (await Promise.all(kinds.map((kind) => kind.list(asked)))).flat()),
    async read(uri, asked) {
      const content = await find(uri, asked, (kind, name) => kind.read(name, asked));
      return { contents: [{ uri, ...content }] };
    },
    async complete(uriTemplate, unfinished, known, asked) {
      const isVariable = uriTemplate.includes(`{${unfinished.name}}`);
      const isOurs = templates.some((template) => template.uriTemplate === uriTemplate);
      return isVariable && isOurs ? suggestions.complete(unfinished, known, asked) : [];
    },
    async watch(uri, changed, asked) {
      // What others serve never changes here; the protocol's own conformance suite wants a
      // subscription to it to be taken.
      if (!OWN_SCHEMES.test(uri)) return neverChanges;
      return find(uri, asked, (kind, name) => kind.watch(name, changed, asked));
    },
  };
}

/** What goes wrong becomes the words that a tool would answer. */
async function inWords<Result>(
  { signal, context }: Asked,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } catch (failure) {
    if (failure instanceof ResourceUnavailable || signal.aborted) throw failure;
    const { code, what, next } = explain(failure);
    if (code === INTERNAL.code)
      context.log.warn({ err: failure }, 'a resource failed unexpectedly');
    throw new ResourceUnavailable(`${what} ${next}`, { cause: failure });
  }
}
