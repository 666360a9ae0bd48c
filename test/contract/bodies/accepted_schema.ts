import type { Difference } from '../../../src/doctor/catalogue_comparison.ts';
import type { PlainSchema } from './plain_schema.ts';

/**
 * The published schema of a body, with what is known to differ as ours has it: so far and no further may
 * ours judge bodies otherwise.
 */
export function acceptedSchema(published: PlainSchema, known: readonly Difference[]): PlainSchema {
  const accepted = structuredClone(published);
  for (const difference of known) {
    const [root, ...path] = difference.where.split('.');
    if (root === 'input') adjust(nodeAt(accepted, path), difference);
  }
  return accepted;
}

function nodeAt(schema: PlainSchema, path: readonly string[]): PlainSchema {
  return path.reduce((node, step) => {
    const named = notNull(node);
    const [name = '', ...arrays] = step.split('[]');
    const rest = typeof named.additionalProperties === 'object' && named.additionalProperties;
    const member = name === '*' ? rest : named.properties?.[name];
    const inner = arrays.reduce((it, _) => it && notNull(it).items, member || undefined);
    if (inner === undefined) throw new Error(`there is no ${step} in the published schema`);
    return inner;
  }, schema);
}

/** What of a schema is not "or null". */
function notNull(node: PlainSchema): PlainSchema {
  return node.anyOf?.find(({ type }) => type !== 'null') ?? node;
}

function adjust(schema: PlainSchema, { where, fact, ours }: Difference): void {
  const node = notNull(schema);
  switch (fact) {
    // It says what stands for an absent value, not which values are good.
    case 'default':
      return;
    case 'minLength':
    case 'maxLength':
    case 'minimum':
    case 'maximum':
    case 'minItems':
    case 'maxItems':
      node[fact] = typeof ours === 'number' ? ours : undefined;
      return;
    case 'enum':
      node.pattern = undefined;
      node.enum = typeof ours === 'string' ? ours.split('|') : undefined;
      return;
    case 'additionalProperties':
      node.additionalProperties = ours !== 'closed';
      return;
    default:
      throw new Error(
        `${where}: what a known difference of ${fact} means for bodies is not written`,
      );
  }
}
