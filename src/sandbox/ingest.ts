import { newId } from './initial_state.ts';
import type { RasterFacts } from './raster_facts.ts';
import type { Asset, Item, StoredObject, UploadFile, UploadSession } from './state_model.ts';

/** The asset key of a new item's file, as the API's clip samples name it. */
const DEFAULT_ASSET_KEY = 'data';
const MAX_NAME_LENGTH = 500;
const PROJECTION_EXTENSION = 'https://stac-extensions.github.io/projection/v2.0.0/schema.json';
const RASTER_EXTENSION = 'https://stac-extensions.github.io/raster/v1.1.0/schema.json';

/** Media types of vector data; anything else that a user uploads counts as a raster. */
const VECTOR_MEDIA_TYPES: ReadonlySet<string> = new Set([
  'application/geo+json',
  'application/geopackage+sqlite3',
  'application/json',
  'application/vnd.apache.parquet',
  'application/vnd.flatgeobuf',
  'application/vnd.google-earth.kml+xml',
  'application/vnd.google-earth.kmz',
  'application/vnd.shp',
  'text/csv',
]);

/** A stored file with what could be read from it; a file that is no GeoTIFF has no facts. */
export interface DescribedFile {
  readonly file: UploadFile;
  readonly object: StoredObject;
  readonly facts: RasterFacts | undefined;
}

/** Key of a file's asset: the one asked for, else the file's stem on a target item, else `data`. */
export function assetKeyOf(session: UploadSession, file: UploadFile): string {
  if (session.asset_key !== null) return session.asset_key;
  return session.target_item_id === null ? DEFAULT_ASSET_KEY : slug(file.file_name);
}

export function newUploadItem(
  session: UploadSession,
  { file, facts }: DescribedFile,
  now: string,
): Item {
  return {
    ...newItem(session.project_id, file.file_name, facts, now),
    type: itemType(file.content_type, facts),
    collection_id: session.target_collection_id,
    upload_id: session.id,
    created_by: session.created_by,
    ...(session.is_categorical ? { properties: categorical(facts) } : {}),
  };
}

/** An item as `ItemResponse` has it, with the raster's facts as STAC properties. */
export function newItem(
  projectId: string,
  name: string,
  facts: RasterFacts | undefined,
  now: string,
): Item {
  const id = newId('it');
  return {
    id,
    project_id: projectId,
    collection_id: null,
    stac_id: `${slug(name)}-${id.slice(-6)}`,
    type: 'user_raster',
    geometry: facts?.geometry ?? null,
    bbox: facts?.bbox ?? null,
    datetime: facts?.datetime ?? null,
    start_datetime: null,
    end_datetime: null,
    cloud_cover: null,
    gsd: facts?.gsd ?? null,
    name: printable(name).slice(0, MAX_NAME_LENGTH),
    description: null,
    properties: facts?.properties ?? {},
    stac_extensions: facts ? [PROJECTION_EXTENSION, RASTER_EXTENSION] : [],
    lifecycle_state: 'active',
    expires_at: null,
    archived_at: null,
    previous_version_id: null,
    duplicated_from_id: null,
    order_id: null,
    upload_id: null,
    job_id: null,
    deleted_at: null,
    created_by: null,
    created_at: now,
    updated_at: now,
  };
}

export function newAsset(
  itemId: string,
  key: string,
  { file, object, facts }: DescribedFile,
  now: string,
): Asset {
  return {
    id: newId('as'),
    item_id: itemId,
    key,
    title: printable(file.file_name).slice(0, MAX_NAME_LENGTH),
    file_name: file.file_name,
    media_type: object.content_type,
    roles: ['data'],
    size_bytes: object.size_bytes,
    checksum_crc32c: object.crc32c,
    bands: facts ? [...facts.bands] : [],
    object_path: object.object_path,
    created_at: now,
  };
}

function itemType(contentType: string, facts: RasterFacts | undefined): Item['type'] {
  if (facts) return 'user_raster';
  const [mediaType = ''] = contentType.toLowerCase().split(';');
  return VECTOR_MEDIA_TYPES.has(mediaType.trim()) ? 'user_vector' : 'user_raster';
}

function categorical(facts: RasterFacts | undefined): Item['properties'] {
  return { ...facts?.properties, is_categorical: true };
}

/** Lower-case stem of a file name, fit for an id or a key. */
export function slug(fileName: string): string {
  const stem = fileName.replace(/^.*[/\\]/, '').replace(/\.[^.]*$/, '');
  const words = stem.toLowerCase().replace(/[^a-z0-9]+/g, '_');
  return words.replace(/^_+|_+$/g, '').slice(0, 60) || 'file';
}

function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, '�');
}
