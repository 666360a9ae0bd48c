import { catalog } from '../../operations/catalog.ts';
import { mintUrl } from '../download_urls.ts';
import { HOSTS, type Host } from '../imagery_market.ts';
import { madeUpPicture } from '../made_up_picture.ts';
import { type Scene, sceneFeature, sceneOfId } from '../made_up_scenes.ts';
import { type Call, handle, type OperationHandlers, type Outcome } from '../operation_handler.ts';
import { encodePng, PNG } from '../png_image.ts';
import { notFound } from '../problems.ts';
import { hostNamed, searchAll, searchPage } from '../scene_search.ts';

/** Hits of a stream for which no limit is given. */
const STREAMED = 500;
const THUMBNAIL_PIXELS = 128;
const QUICKLOOK_PIXELS = 512;

/** The OpenAPI leaves this answer untyped; `{vendors: […]}` is our reading. */
const vendors = handle(catalog.vendorsList, () => ({
  json: {
    vendors: HOSTS.map(({ name, title, description, collections }) => ({
      name,
      title,
      description,
      host_name: name,
      collections: collections.map(({ id }) => id),
      commercial: collections.some(({ audPerKm2 }) => audPerKm2 !== undefined),
    })),
  },
}));

/** The guides show a FeatureCollection with the token of the next page in `next`. */
const search = handle(catalog.search, (input, { context: { settings } }) => {
  const window = { limit: input.limit, next: input.next, now: settings.now() };
  const { scenes, next } = searchPage(hostNamed(input.host_name), input, window);
  const features = scenes.map(sceneFeature);
  return { json: { type: 'FeatureCollection', features, numberReturned: features.length, next } };
});

/** No document shows a line; a feature by itself and an end that counts them are our reading. */
const searchStream = handle(catalog.searchStream, (input, { context: { settings } }) => {
  const hosts = input.host_name === undefined ? HOSTS : [hostNamed(input.host_name)];
  const hits = hosts.map((host) => searchAll(host, input, settings.now()));
  return { lines: streamed(hits, input.limit ?? STREAMED) };
});

const federated = handle(catalog.federatedSearch, (input, { context: { settings } }) => {
  const hosts = HOSTS.filter(({ name }) => input.source_ids?.includes(name) ?? true);
  const each = Math.max(1, Math.floor(input.limit / Math.max(1, hosts.length)));
  const now = settings.now();
  const found = hosts.map((host) => {
    const { scenes } = searchPage(host, input, { limit: each, now });
    const wanted = scenes.filter(
      ({ collection }) => input.data_types?.includes(collection.data_type) ?? true,
    );
    return { host, features: wanted.map(sceneFeature) };
  });
  const features = found.flatMap((one) => one.features).slice(0, input.limit);
  return {
    json: {
      type: 'FeatureCollection',
      features,
      numberReturned: features.length,
      sources: found.map(({ host, features: own }) => ({
        source_id: host.name,
        title: host.title,
        count: own.length,
        error: null,
      })),
    },
  };
});

const sources = handle(catalog.sourcesList, (input) => ({
  json: {
    sources: HOSTS.map(sourceRecord).filter(
      (source) =>
        (input.scope ?? source.scope) === source.scope &&
        (input.data_type === undefined ||
          source.collections.some(({ data_type }) => data_type === input.data_type)),
    ),
  },
}));

const thumbnail = handle(catalog.imageThumbnail, (input, call) =>
  picture(call, input, 'thumbnail', THUMBNAIL_PIXELS),
);

const quicklook = handle(catalog.imageQuicklook, (input, call) =>
  picture(call, input, 'quicklook', QUICKLOOK_PIXELS),
);

export const catalogOperations: OperationHandlers = {
  ...vendors,
  ...search,
  ...searchStream,
  ...federated,
  ...sources,
  ...thumbnail,
  ...quicklook,
};

function* streamed(hits: readonly Iterable<Scene>[], limit: number): Generator<unknown> {
  let count = 0;
  for (const scenes of hits) {
    for (const scene of scenes) {
      if (count === limit) break;
      count += 1;
      yield { type: 'feature', host_name: scene.host.name, feature: sceneFeature(scene) };
    }
  }
  yield { type: 'end', count };
}

function sourceRecord({ name, title, description, license, collections }: Host) {
  const access_model = collections.some(({ audPerKm2 }) => audPerKm2 !== undefined)
    ? 'commercial'
    : 'open';
  return {
    id: name,
    title,
    description,
    access_model,
    scope: 'global',
    countries: [],
    attribution: title,
    license,
    collections: collections.map(({ id, title: of, data_type, gsd }) => ({
      id,
      title: of,
      data_type,
      render_strategy: 'none',
      access_model,
      gsd,
    })),
  };
}

/** Kept in the storage once it was asked for, which hands it out as it does any object. */
async function picture(
  call: Call,
  { host_name, image_id }: { readonly host_name: string; readonly image_id: string },
  kind: string,
  pixels: number,
): Promise<Outcome> {
  const { objects, settings, store } = call.context;
  const scene = sceneOfId(image_id, settings.now().getTime());
  if (scene?.host.name !== host_name) throw notFound('Image');
  const objectPath = `previews/${image_id}/${kind}.png`;
  if (!objects.find(objectPath)) {
    await objects.write(objectPath, PNG, drawn(image_id, pixels));
    await store.save();
  }
  return { redirect: mintUrl(call, { method: 'GET', objectPath }).url };
}

async function* drawn(name: string, pixels: number): AsyncGenerator<Uint8Array> {
  yield encodePng(madeUpPicture(name, pixels, pixels));
}
