import { z } from 'zod';

/** An id of something: an empty one is never one, so it is refused before the API is asked. */
export const id = (what: string) => z.string().min(1).describe(what);

export const itemId = () => id('STAC item id.');
export const projectId = () => id('Project id.');
export const assetId = () => id('Asset key (e.g. visual) or asset record id.');
export const collectionId = () => id('Collection id.');
export const organizationId = () => id('Organization id.');
/** Provider-compatible operations call a project a workspace. */
export const workspaceId = () => id('Project id; a workspace is a project.');

/** `limit` and `offset`, where the API bounds neither. */
export const offsetPaging = (limit: number) => ({
  limit: z.number().int().default(limit).describe('Records a page.'),
  offset: z.number().int().default(0).describe('Records to pass over.'),
});

/** `page` and `size`; pages count from 0. */
export const sizedPages = (size: number) => ({
  page: z.number().int().default(0).describe('Page, from 0.'),
  size: z.number().int().default(size).describe('Records a page.'),
});

/** `field,asc` or `field,desc`. */
export const sortOrder = (order: string) =>
  z.string().default(order).describe('Field and direction, as name,asc or name,desc.');

/** Where a map tile is, by the usual web scheme. */
export const tileAddress = () => ({
  z: z.number().int().describe('Zoom level.'),
  x: z.number().int().describe('Tile column, from the west.'),
  y: z.number().int().describe('Tile row, from the north.'),
});

export const bbox = () =>
  z.array(z.number()).describe('Bounds in degrees: west, south, east, north.');

export const datetimeInterval = () =>
  z
    .string()
    .describe(
      'Time or interval by RFC 3339, as 2024-01-01T00:00:00Z/2024-06-30T00:00:00Z; .. is open.',
    );

/** Any GeoJSON geometry: the API says no more of it than that it is an object. */
export const geojsonGeometry = () =>
  z.record(z.unknown()).describe('GeoJSON geometry, in degrees.');

export const cogUrl = () => z.string().describe('URL of the COG (cloud-optimized GeoTIFF).');

export const colormap = () => z.string().describe('Colour map, e.g. viridis, as in cog.colormaps.');

/** Band math on the bands of one file, which count from b1. */
export const bandExpression = () =>
  z.string().describe('Band math, bands as b1, b2, …: e.g. (b4 - b3) / (b4 + b3).');

/** Which bands a picture shows, written in one string. */
export const shownBands = () => z.string().describe('Bands to show, by commas, e.g. 4,3,2.');

export const rescale = () =>
  z.string().describe('Values to stretch to the full colour range, as min,max, e.g. 0,3000.');

export const baseUrl = () =>
  z.string().describe('Base of the links in the answer, e.g. https://api.geopera.com.');
