import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type PublishedApi, readPublishedApi } from '../../src/doctor/published_api.ts';

/** Where a checkout may have the published OpenAPI beside it; it is not part of this repository. */
const FILE = fileURLToPath(new URL('../../../shared/facts/geopera-openapi.json', import.meta.url));

export const isPublishedApiHere = existsSync(FILE);

/** For the title of what is skipped without it. */
export const whyNot = isPublishedApiHere
  ? ''
  : ' (skipped: the published OpenAPI is not on this machine)';

/** The published OpenAPI; one without operations where there is no copy. */
export function publishedApi(): PublishedApi {
  if (!isPublishedApiHere) return { operations: new Map(), definitions: new Map() };
  return readPublishedApi(publishedDocument());
}

/** The document itself; undefined where there is no copy. */
export function publishedDocument(): unknown {
  return isPublishedApiHere ? JSON.parse(readFileSync(FILE, 'utf8')) : undefined;
}
