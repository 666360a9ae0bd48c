import { glossary } from '../../operations/glossary.ts';
import { DATA_PRODUCTS, type DataProduct, HOSTS } from '../imagery_market.ts';
import { handle, type OperationHandlers } from '../operation_handler.ts';
import { sizedPage, sorted } from '../pages.ts';
import { notFound } from '../problems.ts';

const COLLECTIONS = HOSTS.flatMap((host) =>
  host.collections.map(({ id, title, sensor, data_type, gsd }) => ({
    id,
    name: id,
    title,
    type: 'ARCHIVE',
    integrations: ['ORDERING'],
    hostName: host.name,
    sensor,
    dataType: data_type,
    resolution: gsd,
  })),
);

const PROVIDERS = HOSTS.map(({ name, title, description }) => ({
  id: name,
  name,
  title,
  description,
  roles: ['PRODUCER', 'HOST'],
}));

const PRODUCTS = DATA_PRODUCTS.map(productRecord);

const collectionsList = handle(glossary.collectionsList, (input) => {
  const kept = COLLECTIONS.filter(
    ({ type, integrations }) =>
      (input.type ?? type) === type &&
      (input.integrations === undefined || integrations.includes(input.integrations)),
  );
  return { json: sizedPage(sorted(kept, input.sort ?? ''), input) };
});

const collectionsGet = handle(glossary.collectionsGet, ({ collection_name }) => ({
  json: named(COLLECTIONS, collection_name, 'Collection'),
}));

const productsList = handle(glossary.dataProductsList, (input) => {
  const kept = PRODUCTS.filter(({ id }) => (input.dataProductId ?? id) === id);
  return { json: sizedPage(sorted(kept, input.sort ?? ''), input) };
});

const productsGet = handle(glossary.dataProductsGet, ({ data_product_name }) => ({
  json: named(PRODUCTS, data_product_name, 'Data product'),
}));

const providersList = handle(glossary.providersList, (input) => {
  const kept = PROVIDERS.filter(
    ({ roles }) => input.role === undefined || roles.includes(input.role),
  );
  return { json: sizedPage(sorted(kept, input.sort ?? ''), input) };
});

const providersGet = handle(glossary.providersGet, ({ provider_name }) => ({
  json: named(PROVIDERS, provider_name, 'Provider'),
}));

export const glossaryOperations: OperationHandlers = {
  ...collectionsList,
  ...collectionsGet,
  ...productsList,
  ...productsGet,
  ...providersList,
  ...providersGet,
};

function productRecord({ id, name, title, collection, host }: DataProduct) {
  return {
    id,
    name,
    title,
    type: 'ARCHIVE',
    collectionName: collection.id,
    hostName: host.name,
    resolution: collection.gsd,
  };
}

/** @throws ProblemError 404 */
function named<Entry extends { readonly name: string }>(
  entries: readonly Entry[],
  name: string,
  what: string,
): Entry {
  const entry = entries.find((candidate) => candidate.name === name);
  if (!entry) throw notFound(what);
  return entry;
}
