import { z } from 'zod';
import { id } from './fields.ts';
import { defineOperation } from './operation.ts';

const edge = () =>
  z
    .object({
      depth: z.number().int(),
      src_type: z.string().nullish(),
      src_id: z.string().nullish(),
      dst_type: z.string().nullish(),
      dst_id: z.string().nullish(),
      relation: z.string().nullish(),
      invocation_id: z.string().nullish(),
    })
    .passthrough();

const node = () =>
  z
    .object({ entity_type: z.string(), entity_id: z.string(), depth: z.number().int() })
    .passthrough();

export const provenance = {
  get: defineOperation({
    id: 'provenance.get',
    scope: 'provenance:read',
    effect: 'read',
    summary:
      'Trace what an item, order, job, collection or project was made from, and what was made of it.',
    keywords:
      'lineage origin history derived source ancestors descendants audit trail graph result levels upstream downstream',
    input: () =>
      z
        .object({
          entity_type: z
            .string()
            .describe('Where to start: item, order, processing_job, collection or project.'),
          entity_id: id('Id of that entity.'),
          direction: z
            .enum(['up', 'down', 'both'])
            .default('up')
            .describe('Up: what it was made from; down: what was made of it.'),
          max_depth: z.number().int().min(1).max(50).default(20).describe('Steps to follow.'),
        })
        .strict(),
    output: () =>
      z
        .object({
          root: z.record(z.string()),
          direction: z.string(),
          edges: z.array(edge()).optional(),
          nodes: z.array(node()).optional(),
        })
        .passthrough(),
  }),
};
