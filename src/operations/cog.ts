import { z } from 'zod';
import {
  bandExpression,
  cogUrl,
  colormap,
  geojsonGeometry,
  rescale,
  shownBands,
  tileAddress,
} from './fields.ts';
import { defineOperation, untyped } from './operation.ts';

const areaOfTile = () => z.string().describe('Area to keep of the tile, as GeoJSON in a string.');

export const cog = {
  tileRender: defineOperation({
    id: 'cog.tile.render',
    scope: 'tiles:read',
    effect: 'read',
    response: 'image',
    summary: 'Render one map tile of a COG at any URL, from chosen bands or by band math.',
    keywords:
      'picture xyz slippy image show raster geotiff view png cloud optimized remote hosted https',
    input: () =>
      z
        .object({
          url: cogUrl(),
          ...tileAddress(),
          format: z.string().describe('Image format, e.g. png or webp.'),
          bands: shownBands().nullish(),
          expression: bandExpression().nullish(),
          rescale: rescale().nullish(),
          colormap: colormap().nullish(),
          quality: z.number().int().default(85).describe('Quality of a lossy format, of 100.'),
          aoi: areaOfTile().nullish(),
        })
        .strict(),
    output: untyped,
  }),

  tileTerrain: defineOperation({
    id: 'cog.tile.terrain',
    scope: 'tiles:read',
    effect: 'read',
    response: 'image',
    summary: 'Render one tile of an elevation or depth COG in Terrain-RGB, as 3D maps read it.',
    keywords: 'dem height hillshade relief bathymetry mapbox dtm topography hill',
    input: () =>
      z
        .object({
          url: cogUrl(),
          ...tileAddress(),
          invert: z.boolean().default(false).describe('True turns depths into heights.'),
          aoi: areaOfTile().nullish(),
        })
        .strict(),
    output: untyped,
  }),

  thumbnail: defineOperation({
    id: 'cog.thumbnail',
    scope: 'tiles:read',
    effect: 'read',
    response: 'image',
    summary: 'Make a small JPEG preview of a whole COG.',
    keywords: 'picture quicklook look image geotiff overview show glance remote url icon',
    input: () =>
      z
        .object({
          url: cogUrl(),
          width: z.number().int().default(256).describe('Width in pixels.'),
          height: z.number().int().default(256).describe('Height in pixels.'),
        })
        .strict(),
    output: untyped,
  }),

  statistics: defineOperation({
    id: 'cog.statistics',
    scope: 'tiles:read',
    effect: 'read',
    summary:
      'Compute two percentiles of the values of a COG within an area, e.g. to choose rescale.',
    keywords:
      'min max range histogram contrast stretch pixel geotiff stats raster url polygon low high',
    input: () =>
      z
        .object({
          url: cogUrl(),
          geometry: geojsonGeometry(),
          expression: bandExpression().nullish(),
          bands: shownBands().nullish(),
          percentiles: z
            .array(z.number())
            .length(2)
            .default([2, 98])
            .describe('Low and high percentile.'),
        })
        .strict(),
    output: untyped,
  }),

  formulas: defineOperation({
    id: 'cog.formulas',
    scope: 'tiles:read',
    effect: 'read',
    summary: 'List ready-made formulas of spectral indices, for use as expression.',
    keywords: 'templates presets built-in ndvi band math predefined evi ndwi default standard',
    input: () => z.object({}).strict(),
    output: untyped,
  }),

  colormaps: defineOperation({
    id: 'cog.colormaps',
    scope: 'tiles:read',
    effect: 'read',
    summary: 'List the colour maps to choose from, by group.',
    keywords: 'color palette ramp gradient scheme style viridis available',
    input: () => z.object({}).strict(),
    output: untyped,
  }),
};
