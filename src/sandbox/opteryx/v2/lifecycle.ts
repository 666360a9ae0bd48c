import { z } from 'zod';
import { type Answer, jsonAnswer } from '../../delivery.ts';
import type { Exchange } from '../exchange.ts';
import { jsonBody } from '../received_body.ts';
import { bodyOf, contractRefusal, refusal } from '../refusals.ts';
import { contractBody, contractOf, openContract, requireUnblocked } from './contracts.ts';
import { planOf } from './plan.ts';

const amendSchema = z.object({
  columns: z.record(z.string().min(1)).nullish(),
  ignore: z.array(z.string()).nullish(),
});
const acceptSchema = z.object({ schema_fingerprint: z.string().nullish() }).nullish();

export async function getContract(exchange: Exchange): Promise<Answer> {
  return jsonAnswer(200, contractBody(contractOf(exchange)));
}

/** Types and columns to leave out, said of what was agreed; it is to be accepted anew. */
export async function amendContract(exchange: Exchange): Promise<Answer> {
  const { columns, ignore } = bodyOf(amendSchema, await jsonBody(exchange.incoming));
  const contract = openContract(exchange);
  if (contract.state === 'writing') throw refusal(409, 'Data was written under this contract.');
  if (contract.mode === 'dataset' && columns) {
    throw refusal(409, 'The types are those of the dataset.');
  }
  contract.named = new Map([...contract.named, ...Object.entries(columns ?? {})]);
  if (ignore) contract.ignored = new Set(ignore);
  contract.plan = planOf(contract);
  contract.state = 'proposed';
  return jsonAnswer(200, contractBody(contract));
}

export async function acceptContract(exchange: Exchange): Promise<Answer> {
  const seen = bodyOf(acceptSchema, await jsonBody(exchange.incoming))?.schema_fingerprint;
  const contract = openContract(exchange);
  const { fingerprint } = contract.plan;
  if (seen !== undefined && seen !== null && seen !== fingerprint) {
    throw contractRefusal('proposal_changed', 'The proposal is not the one that was read.', {
      schema_fingerprint: fingerprint,
    });
  }
  requireUnblocked(contract);
  if (contract.state === 'proposed') contract.state = 'accepted';
  return jsonAnswer(200, contractBody(contract));
}

/** Gives up what was agreed, with all that was written under it. Twice is as good as once. */
export async function abandonContract({ world, id }: Exchange): Promise<Answer> {
  const contract = world.contracts.get(id);
  if (contract === undefined) throw contractRefusal('contract_not_found', 'No such contract.');
  if (contract.committed !== undefined) {
    const { snapshot } = contract.committed;
    throw contractRefusal('already_committed', 'The contract was committed.', { snapshot });
  }
  contract.state = 'abandoned';
  contract.writes.length = 0;
  return { status: 204, headers: {}, length: undefined, body: [] };
}
