import { z } from 'zod';

const VISIBILITIES = ['private', 'restricted', 'internal', 'public'] as const;

/** Bounded out of sight: as keywords the bounds of all fields would be a quarter of their tool in every list. */
const text = (most: number) =>
  z
    .string()
    .refine((it) => it !== '' && it.length <= most, `from 1 to ${most} characters`)
    .optional();

/** What a dataset may be given when it is made of a file, but for its title. */
export const commitFields = () => ({
  summary: text(5000),
  visibility: z
    .enum(VISIBILITIES)
    .default('private')
    .describe('internal: all users; public: anybody.'),
  layer_name: text(255).describe('Which layer of several.'),
  srid_override: z
    .number()
    .int()
    .min(1)
    .max(998_999)
    .optional()
    .describe('EPSG code, if the file lacks it.'),
  x_column: text(255).describe('CSV/Excel: longitude or X.'),
  y_column: text(255).describe('CSV/Excel: latitude or Y.'),
  geom_column: text(255).describe('CSV/Excel: WKT.'),
  temporal_start: text(40).describe('ISO 8601.'),
  temporal_end: text(40),
  // A number is as good, which a schema of one type cannot say.
  nodata_override: z.coerce.string().optional().describe('Raster: number or nan.'),
  compression: text(40).describe('Raster, e.g. DEFLATE.'),
  resampling: text(40).describe('Raster, e.g. nearest.'),
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
