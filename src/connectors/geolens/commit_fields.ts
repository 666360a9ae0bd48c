import { z } from 'zod';

export const VISIBILITIES = ['private', 'restricted', 'internal', 'public'] as const;

const column = (what: string) =>
  z.string().min(1).max(255).optional().describe(`CSV/Excel: ${what}.`);

const time = (which: string) =>
  z.string().min(1).max(40).optional().describe(`${which} of the time covered, ISO 8601.`);

/** What a dataset may be given when it is made of a file, but for its title. */
export const commitFields = () => ({
  summary: z.string().max(5000).optional(),
  visibility: z
    .enum(VISIBILITIES)
    .default('private')
    .describe('private: the owner; internal: all users; public: anybody.'),
  layer_name: z.string().min(1).max(255).optional().describe('Which layer of several.'),
  srid_override: z
    .number()
    .int()
    .min(1)
    .max(998_999)
    .optional()
    .describe('EPSG code, where the file states none or a wrong one.'),
  x_column: column('longitude or X'),
  y_column: column('latitude or Y'),
  geom_column: column('WKT'),
  temporal_start: time('Start'),
  temporal_end: time('End'),
  // A number is as good, which a schema of one type cannot say.
  nodata_override: z.coerce.string().min(1).max(60).optional().describe('Raster: number or nan.'),
  compression: z.string().min(1).max(40).optional().describe('Raster: such as DEFLATE.'),
  resampling: z.string().min(1).max(40).optional().describe('Raster: such as nearest.'),
});

export const titleField = () => z.string().min(1).max(500);

type CommitFields = z.output<z.ZodObject<ReturnType<typeof commitFields>>>;

export interface CommitTerms extends CommitFields {
  readonly title: string;
}

/** The terms as they go out: a number as a number. */
export function commitBody({ nodata_override, ...terms }: CommitTerms): Record<string, unknown> {
  return {
    ...terms,
    ...(nodata_override === undefined ? {} : { nodata_override: numberOr(nodata_override) }),
  };
}

function numberOr(text: string): number | string {
  const value = Number(text);
  return text.trim() !== '' && Number.isFinite(value) ? value : text;
}
