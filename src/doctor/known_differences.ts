import type { Difference } from './catalogue_comparison.ts';
import type { PublishedOperation } from './published_api.ts';

/** Differences of one kind, wherever they are. */
export interface DifferenceRule {
  readonly reason: string;
  holds(difference: Difference): boolean;
}

/** One difference, known as long as the API publishes just this. */
export interface KnownDifference
  extends Pick<Difference, 'operation' | 'where' | 'fact' | 'published'> {
  readonly reason: string;
}

/** Names of ids; a data product is named by its id alone. */
const ID = /^input\.(?:\w+_id|\w+Id|dataProduct)$/;

export const RULES: readonly DifferenceRule[] = [
  {
    reason: 'an empty id is never one: refused here, before the API is asked',
    holds: ({ where, fact, published, ours }) =>
      fact === 'minLength' && ID.test(where) && published === undefined && ours === 1,
  },
  {
    reason:
      'a key that nobody knows is a slip of whoever wrote it; the API would pass over it in silence',
    holds: ({ where, fact, published, ours }) =>
      fact === 'additionalProperties' &&
      where.startsWith('input') &&
      published === 'open' &&
      ours === 'closed',
  },
  {
    reason: 'a free-form body may also be left out; here one is always sent',
    holds: ({ where, fact, published }) =>
      fact === 'nullable' && where === 'input' && published === true,
  },
  {
    reason: 'a time in an answer is passed on as it was written',
    holds: ({ where, fact, published, ours }) =>
      fact === 'format' &&
      where.startsWith('output') &&
      published === 'date-time' &&
      ours === undefined,
  },
  {
    reason: 'a default in an answer says that a member may be absent, and ours says that too',
    holds: ({ where, fact, ours }) =>
      fact === 'default' && where.startsWith('output') && ours === undefined,
  },
];

const GUIDE = 'the API takes a free-form body; its guides say what it holds';
const NOT_RELIED_ON = 'any success will do, so an answer without an id is no failure';

const freeForm = (operation: string): KnownDifference => ({
  operation,
  where: 'input',
  fact: 'members',
  published: 'any',
  reason: GUIDE,
});

export const KNOWN_DIFFERENCES: readonly KnownDifference[] = [
  freeForm('orders.archive.place'),
  freeForm('orders.tasking.place'),
  freeForm('processing.create'),
  freeForm('processing.create_and_dispatch'),
  freeForm('billing.topup'),
  freeForm('catalog.search_stream'),
  freeForm('clip.create_from_item'),
  freeForm('uploads.complete'),
  {
    operation: 'uploads.initiate',
    where: 'input.transfer_method',
    fact: 'enum',
    published: 'browser|cli|cloud_transfer',
    reason: 'the guides send signed_url; which is right is for the API to say',
  },
  {
    operation: 'items.update',
    where: 'input.lifecycle_state',
    fact: 'enum',
    published: 'active|archived|deleted|expired|expiring',
    reason: 'the states that remove an item are left to items.delete, which asks first',
  },
  {
    operation: 'uploads.progress',
    where: 'output',
    fact: 'type',
    published: 'object',
    reason: NOT_RELIED_ON,
  },
  {
    operation: 'uploads.fail',
    where: 'output',
    fact: 'type',
    published: 'object',
    reason: NOT_RELIED_ON,
  },
  {
    operation: 'clip.create_from_item',
    where: 'output',
    fact: 'type',
    published: 'any',
    reason: 'the API answers untyped JSON; its guides show this much of it',
  },
];

/** Operations that are published and not ours, on purpose. */
export interface LeftOut {
  readonly reason: string;
  holds(operation: Pick<PublishedOperation, 'id' | 'scope'>): boolean;
}

const named = (id: string, reason: string): LeftOut => ({
  reason,
  holds: (operation) => operation.id === id,
});

export const LEFT_OUT: readonly LeftOut[] = [
  {
    reason: 'for those who run Geopera: no key of a customer has the scope',
    holds: ({ scope }) => scope?.startsWith('admin:') ?? false,
  },
  named('billing.run_monthly_for_org', 'a step of the monthly billing, which Geopera runs itself'),
  named(
    'usage.recalculate_storage',
    'repairs the books of storage; nothing that a customer asks for',
  ),
  named(
    'processing.job.register',
    'settles the reservation of a job, which is for those who run jobs',
  ),
  named('billing.approvals.approve', 'charges a card: a human is to approve it, never an agent'),
];

/** Only the API itself publishes these, in a document that nobody has cleaned up. */
export const INTERNAL: LeftOut = {
  reason: 'internal by its name',
  holds: ({ id }) => /(?:^|\.)(?:admin|diagnostics)(?:\.|$)|_internal$/.test(id),
};

/** Why a difference may be; undefined for one that nobody has looked at. */
export function reasonFor(difference: Difference): string | undefined {
  const known = KNOWN_DIFFERENCES.find((it) => isSame(it, difference));
  return known?.reason ?? RULES.find((rule) => rule.holds(difference))?.reason;
}

/** Why a published operation is not ours; undefined for one that should be. */
export function leftOutFor(
  operation: Pick<PublishedOperation, 'id' | 'scope'>,
): string | undefined {
  return [...LEFT_OUT, INTERNAL].find((it) => it.holds(operation))?.reason;
}

/** Whether a difference is the known one. */
export function isSame(known: KnownDifference, difference: Difference): boolean {
  return (
    known.operation === difference.operation &&
    known.where === difference.where &&
    known.fact === difference.fact &&
    known.published === difference.published
  );
}
