import { z } from 'zod';
import { defineEndpoint } from '../../endpoint.ts';
import { anySuccess } from '../session_answers.ts';
import { contractAnswer } from './contract_model.ts';
import { contractPath, isContractId } from './contract_path.ts';

export const contractId = () =>
  z
    .string()
    .refine(isContractId, 'not the id of a contract')
    .describe('Of opteryx_negotiate_contract.');

/** A map of names has no place in the schema of a tool, so columns are a list. */
export const declaredColumns = (what: string) =>
  z
    .array(
      z
        .object({
          name: z.string().min(1).max(200),
          type: z.string().min(1).max(200).describe('Such as VARCHAR, INT64 or TIMESTAMP[us].'),
        })
        .strict(),
    )
    .min(1)
    .max(2000)
    .describe(what);

export const ignoredColumns = () =>
  z.array(z.string().min(1).max(200)).max(2000).describe('Columns of the files not to write.');

const snapshotMessage = () =>
  z.string().max(1000).describe('What is told of the commit.').optional();

/** The requests of contracts, but for the two that bring bytes. */
export const contracts = {
  get: defineEndpoint({
    id: 'opteryx.get_contract',
    title: 'Look at an upload contract',
    summary:
      'Read a contract: its state, plan, issues, what was written under it, and when it ends.',
    effect: 'read',
    repeatable: true,
    answerSeconds: 30,
    input: () => z.object({ contract_id: contractId() }).strict(),
    output: contractAnswer,
    request: ({ contract_id }) => ({ method: 'GET', path: contractPath(contract_id) }),
  }),

  amend: defineEndpoint({
    id: 'opteryx.amend_contract',
    title: 'Change the plan of an upload contract',
    summary:
      'Name other types for columns of a contract, or columns not to write. It is planned anew, and must be accepted again.',
    effect: 'write',
    repeatable: true,
    answerSeconds: 60,
    input: () =>
      z
        .object({
          contract_id: contractId(),
          columns: declaredColumns('Columns to store as another type.').optional(),
          ignore: ignoredColumns().optional(),
        })
        .strict(),
    output: contractAnswer,
    request: ({ contract_id, columns, ignore }) => ({
      method: 'PATCH',
      path: contractPath(contract_id),
      json: {
        ...(columns && { columns: Object.fromEntries(columns.map((it) => [it.name, it.type])) }),
        ...(ignore && { ignore }),
      },
    }),
  }),

  accept: defineEndpoint({
    id: 'opteryx.accept_contract',
    title: 'Accept the plan of an upload contract',
    summary:
      'Accept the proposed plan of a contract, after the user has seen and agreed to it. Fails if it is not the one with this fingerprint.',
    effect: 'write',
    repeatable: true,
    answerSeconds: 60,
    input: () =>
      z
        .object({
          contract_id: contractId(),
          schema_fingerprint: z
            .string()
            .min(1)
            .max(500)
            .describe('Of the contract as the user saw it.'),
        })
        .strict(),
    output: contractAnswer,
    request: ({ contract_id, schema_fingerprint }) => ({
      method: 'PUT',
      path: contractPath(contract_id, '/accept'),
      json: { schema_fingerprint },
    }),
  }),

  commit: defineEndpoint({
    id: 'opteryx.commit_contract',
    title: 'Commit an upload contract',
    summary:
      'Make all that was sent under a contract rows of its dataset, visible from then on. To repeat it after a lost answer does no harm.',
    effect: 'replace',
    repeatable: true,
    answerSeconds: 300,
    input: () => z.object({ contract_id: contractId(), message: snapshotMessage() }).strict(),
    output: contractAnswer,
    request: ({ contract_id, message }) => ({
      method: 'POST',
      path: contractPath(contract_id, '/commit'),
      headers: { 'idempotency-key': commitKey(contract_id) },
      json: { message: message ?? null },
    }),
  }),

  abandon: defineEndpoint({
    id: 'opteryx.abandon_contract',
    title: 'Abandon an upload contract',
    summary:
      'Give up a contract that is not committed, with all that was sent under it. One left open holds its dataset for hours.',
    effect: 'remove',
    repeatable: true,
    answerSeconds: 30,
    tries: 3,
    input: () => z.object({ contract_id: contractId() }).strict(),
    output: () => anySuccess({ state: 'abandoned' }),
    request: ({ contract_id }) => ({ method: 'DELETE', path: contractPath(contract_id) }),
  }),
};

/**
 * A contract is committed once, so its id makes the key: any later try is the same commit, also that of
 * another call or another process.
 */
function commitKey(contractId: string): string {
  return `geopera-mcp-${contractId}`;
}
