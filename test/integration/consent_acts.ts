import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import type { Sandbox } from '../../src/sandbox/sandbox.ts';
import { succeed, withId } from './sandbox/sandbox_fixture.ts';

/** A call that asks first. */
export interface Act {
  readonly tool: string;
  readonly operation: string;
  readonly arguments: Readonly<Record<string, unknown>>;
}

/** A kind of act, and what is left of it at Geopera. */
export interface ActKind {
  readonly operation: string;
  /** What the user is told of what follows. */
  readonly follows: RegExp;
  /** True if a second call under the same key is answered as the first was. */
  readonly keyed: boolean;
  prepare(sandbox: Sandbox): Promise<Act>;
  /** How often such an act was done. */
  done(state: SandboxRecords): number;
}

const recordsSchema = z
  .object({
    collections: z.array(z.object({ deleted_at: z.string().nullable() })),
    orders: z.array(z.unknown()),
    api_keys: z.array(z.unknown()),
    share_links: z.array(z.unknown()),
    credit_transactions: z.array(z.object({ amount: z.number() })),
  })
  .passthrough();

export type SandboxRecords = z.infer<typeof recordsSchema>;

/** All that the sandbox beside this allowed folder holds. */
export async function recordsBeside(folder: string): Promise<SandboxRecords> {
  const path = join(dirname(folder), 'sandbox', 'sandbox-state.json');
  return recordsSchema.parse(JSON.parse(await readFile(path, 'utf8')));
}

const hits = z.object({
  features: z.array(z.object({ id: z.string(), geometry: z.record(z.unknown()) })).min(1),
});

/** A cart of so many captures that are for sale. */
export async function cartOf(sandbox: Sandbox, limit = 1) {
  const search = { host_name: 'sandbox-optical', limit };
  const { features } = await succeed(sandbox, 'catalog.search', search, hits);
  return { captures: features.map(({ id, geometry }) => ({ id, geometry })) };
}

export async function newCollection(sandbox: Sandbox, name = 'Harbour'): Promise<string> {
  const input = { project_id: sandbox.projectId, name };
  return (await succeed(sandbox, 'collections.create', input, withId)).id;
}

/** One of each kind: a removal, a spend, and two secrets that are made. */
export const ACTS: readonly ActKind[] = [
  {
    operation: 'collections.delete',
    follows: /removes something/,
    keyed: false,
    async prepare(sandbox) {
      const input = { project_id: sandbox.projectId, collection_id: await newCollection(sandbox) };
      return act('call_destructive_operation', 'collections.delete', input);
    },
    done: ({ collections }) => collections.filter((it) => it.deleted_at !== null).length,
  },
  {
    operation: 'orders.archive.place',
    follows: /may spend credits or money/,
    keyed: true,
    prepare: async (sandbox) =>
      act('call_destructive_operation', 'orders.archive.place', await cartOf(sandbox)),
    done: ({ orders }) => orders.length,
  },
  {
    operation: 'api_keys.create',
    follows: /opens data to whoever has it/,
    keyed: false,
    prepare: async () =>
      act('call_write_operation', 'api_keys.create', {
        name: 'nightly',
        permissions: ['items:read'],
      }),
    done: ({ api_keys }) => api_keys.length,
  },
  {
    operation: 'share.link.create',
    follows: /opens data to whoever has it/,
    keyed: true,
    prepare: async (sandbox) =>
      act('call_write_operation', 'share.link.create', {
        target_type: 'collection',
        target_id: await newCollection(sandbox),
        password: 'correct horse',
        expires_at: '2100-01-31T00:00:00Z',
      }),
    done: ({ share_links }) => share_links.length,
  },
];

function act(tool: string, operation: string, input: Act['arguments']): Act {
  return { tool, operation, arguments: input };
}

/** The kind of act of an operation. */
export function actKind(operation: string): ActKind {
  const kind = ACTS.find((it) => it.operation === operation);
  if (kind === undefined) throw new Error(`no act of ${operation}`);
  return kind;
}

export const prepared = z.object({
  status: z.literal('not_done_yet'),
  summary: z.string(),
  confirmation: z.string(),
  confirmation_seconds: z.number(),
  next: z.string(),
});
