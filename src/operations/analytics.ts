import { z } from 'zod';
import { cogUrl, colormap } from './fields.ts';
import { defineOperation, untyped } from './operation.ts';

const formula = () =>
  z.string().describe("Band math by the sensor's band names, e.g. (nir - red) / (nir + red).");

const sensor = () => z.string().describe('Sensor that took it, as in analytics.sensors.list.');

const indexName = () =>
  z.string().describe('Name of the index, e.g. NDVI, as in analytics.indices.list.');

/** What part of a COG is computed, and in which form it is answered. */
const computedArea = () => ({
  // The API says that it is an object, and not which members it has.
  bbox: z
    .record(z.unknown())
    .describe('Bounds in degrees, as an object, e.g. west, south, east, north.'),
  sensor: sensor(),
  max_size: z.number().int().default(2048).describe('Longest side to compute, in pixels.'),
  output_format: z
    .string()
    .default('json')
    .describe('Answer: json for statistics, png for a picture.'),
});

export const analytics = {
  bandMath: defineOperation({
    id: 'analytics.band_math',
    scope: 'analytics:process',
    effect: 'compute',
    response: 'image',
    repeatable: true,
    summary:
      'Compute a formula of your own over the bands of a COG, as statistics or as a picture. analytics.validate_formula checks the formula first.',
    keywords:
      'raster calculator custom index expression evaluate map algebra pixel values calculate equation geotiff mean',
    input: () =>
      z
        .object({
          cog_url: cogUrl(),
          formula: formula(),
          ...computedArea(),
          colormap: colormap().default('viridis'),
          vmin: z.number().nullish().describe('Value at the low end of the colours.'),
          vmax: z.number().nullish().describe('Value at the high end of the colours.'),
        })
        .strict(),
    output: untyped,
  }),

  calculateIndex: defineOperation({
    id: 'analytics.calculate_index',
    scope: 'analytics:process',
    effect: 'compute',
    response: 'image',
    repeatable: true,
    summary:
      'Compute a known spectral index such as NDVI over an area of a COG, as statistics or as a picture.',
    keywords:
      'vegetation health greenness water moisture burn snow ndwi evi nbr crop geotiff savi mean field plants',
    input: () =>
      z
        .object({
          cog_url: cogUrl(),
          index_name: indexName(),
          ...computedArea(),
          colormap: colormap().nullish(),
        })
        .strict(),
    output: untyped,
  }),

  execute: defineOperation({
    id: 'analytics.execute',
    scope: 'analytics:process',
    effect: 'read',
    // A time series reads many rasters before it answers.
    answerSeconds: 300,
    summary:
      'Run a registered analysis: zonal statistics, a time series or change detection. analytics.operations.get says which params it takes.',
    keywords:
      'compare difference before and after trend mean average per field polygon develop evolution months years',
    input: () =>
      z
        .object({
          operation: z.string().describe('Name of the analysis, e.g. zonal_stats.'),
          params: z.record(z.unknown()).describe('What the analysis takes, as its schema says.'),
        })
        .strict(),
    output: () => z.object({}).passthrough(),
  }),

  operationsList: defineOperation({
    id: 'analytics.operations.list',
    scope: 'analytics:read',
    effect: 'read',
    summary: 'List the registered analyses, each with the parameters that it takes.',
    keywords: 'available analysis methods tools capabilities compute possible run offered kinds',
    input: () =>
      z
        .object({
          data_type: z.string().nullish().describe('Only analyses of such data, e.g. raster.'),
        })
        .strict(),
    output: untyped,
  }),

  operationsGet: defineOperation({
    id: 'analytics.operations.get',
    scope: 'analytics:read',
    effect: 'read',
    summary: 'Read what one registered analysis does and which parameters it takes.',
    keywords:
      'describe explain capability schema inputs zonal time series change detection arguments options needed details',
    input: () =>
      z
        .object({ operation_name: z.string().describe('Name of the analysis, e.g. time_series.') })
        .strict(),
    output: untyped,
  }),

  indicesList: defineOperation({
    id: 'analytics.indices.list',
    scope: 'analytics:read',
    effect: 'read',
    summary: 'List the spectral indices that can be computed, by category or by sensor.',
    keywords:
      'index available vegetation water urban burn ndvi ndwi evi nbr savi snow soil supported',
    input: () =>
      z
        .object({
          category: z.string().nullish().describe('Only this category, e.g. vegetation.'),
          sensor: z.string().nullish().describe('Only what the bands of this sensor allow.'),
        })
        .strict(),
    output: untyped,
  }),

  indexGet: defineOperation({
    id: 'analytics.index.get',
    scope: 'analytics:read',
    effect: 'read',
    summary: 'Read one spectral index: its formula, its bands and the sensors that have them.',
    keywords:
      'definition explain meaning ndvi ndwi evi equation details savi nbr describe measures tell',
    input: () => z.object({ index_name: indexName() }).strict(),
    output: untyped,
  }),

  sensorsList: defineOperation({
    id: 'analytics.sensors.list',
    scope: 'analytics:read',
    effect: 'read',
    summary: 'List the sensors that formulas and indices know, with the names of their bands.',
    keywords:
      'satellites cameras sentinel landsat supported wavelength red nir mapping planetscope worldview modis called',
    input: () => z.object({}).strict(),
    output: untyped,
  }),

  validateFormula: defineOperation({
    id: 'analytics.validate_formula',
    scope: 'analytics:read',
    effect: 'read',
    summary:
      'Check a band formula for a sensor without computing it: syntax, and which bands it needs.',
    keywords: 'verify expression correct error valid test math ok legal mistake right wrong parse',
    input: () => z.object({ formula: formula(), sensor: sensor() }).strict(),
    output: () =>
      z
        .object({
          formula: z.string(),
          sensor: z.string(),
          valid: z.boolean(),
          error: z.string().nullish(),
          required_bands: z.array(z.string()).optional(),
          available_bands: z.array(z.string()).optional(),
        })
        .passthrough(),
  }),
};
