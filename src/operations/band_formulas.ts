import { z } from 'zod';
import { colormap, id } from './fields.ts';
import { defineOperation, untyped } from './operation.ts';

const formulaId = () => id('Band formula id, from band_formulas.list.');

/** What a formula is made of; an update may leave out any of it. */
const formulaField = {
  name: () => z.string().min(2).max(50).describe('Short name, e.g. reef_depth.'),
  formula: () => z.string().min(3).describe('Band math, e.g. (nir - red) / (nir + red).'),
  displayName: () => z.string().describe('Name as people see it.'),
  description: () => z.string().describe('What the formula shows.'),
  valueRange: () => z.array(z.number()).describe('Lowest and highest value, e.g. [-1, 1].'),
  category: () => z.string().describe('Group that it is listed in.'),
} as const;

const bandFormula = () =>
  z
    .object({
      id: z.string(),
      organization_id: z.string(),
      name: z.string(),
      display_name: z.string().nullish(),
      formula: z.string(),
      description: z.string().nullish(),
      required_bands: z.array(z.string()).optional(),
      colormap: z.string(),
      value_range: z.array(z.number()),
      category: z.string(),
      is_template: z.boolean(),
      created_at: z.string(),
      updated_at: z.string(),
    })
    .passthrough();

export const bandFormulas = {
  create: defineOperation({
    id: 'band_formulas.create',
    scope: 'band_formulas:write',
    effect: 'compute',
    summary: 'Save a band formula of your own, so that the whole organization can use it.',
    keywords:
      'custom spectral index math define new store add equation keep team remember expression name later',
    input: () =>
      z
        .object({
          name: formulaField.name(),
          formula: formulaField.formula(),
          display_name: formulaField.displayName().nullish(),
          description: formulaField.description().nullish(),
          colormap: colormap().default('RdYlGn'),
          value_range: formulaField.valueRange().optional(),
          category: formulaField.category().default('custom'),
        })
        .strict(),
    output: bandFormula,
  }),

  update: defineOperation({
    id: 'band_formulas.update',
    scope: 'band_formulas:write',
    effect: 'compute',
    repeatable: true,
    summary: 'Change a saved band formula. Fields left out stay as they are.',
    keywords:
      'edit modify rename custom index math colours equation fix mistake correct expression ramp team',
    input: () =>
      z
        .object({
          formula_id: formulaId(),
          name: formulaField.name().nullish(),
          formula: formulaField.formula().nullish(),
          display_name: formulaField.displayName().nullish(),
          description: formulaField.description().nullish(),
          colormap: colormap().nullish(),
          value_range: formulaField.valueRange().nullish(),
          category: formulaField.category().nullish(),
        })
        .strict(),
    output: bandFormula,
  }),

  delete: defineOperation({
    id: 'band_formulas.delete',
    scope: 'band_formulas:write',
    effect: 'destructive',
    summary: 'Delete a band formula of the organization for good. Templates cannot be deleted.',
    keywords: 'remove drop custom index math equation unused expression team stored saved',
    input: () => z.object({ formula_id: formulaId() }).strict(),
    output: () => z.object({ ok: z.boolean().optional(), id: z.string() }).passthrough(),
  }),

  list: defineOperation({
    id: 'band_formulas.list',
    scope: 'band_formulas:read',
    effect: 'read',
    summary: 'List the saved band formulas of the organization, with or without templates.',
    keywords: 'custom indices math show equations library stored team expressions made',
    input: () =>
      z
        .object({
          category: z.string().nullish().describe('Only this category, e.g. custom.'),
          include_templates: z.boolean().default(true).describe('Whether to list templates too.'),
        })
        .strict(),
    output: untyped,
  }),

  get: defineOperation({
    id: 'band_formulas.get',
    scope: 'band_formulas:read',
    effect: 'read',
    summary: 'Read one saved band formula: its band math, value range and colour map.',
    keywords: 'show details custom index equation definition look stored expression team',
    input: () => z.object({ formula_id: formulaId() }).strict(),
    output: untyped,
  }),
};
