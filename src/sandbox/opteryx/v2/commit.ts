import { z } from 'zod';
import { type Answer, jsonAnswer } from '../../delivery.ts';
import { type Exchange, header } from '../exchange.ts';
import { publish } from '../publish.ts';
import { jsonBody } from '../received_body.ts';
import { bodyOf, refusal } from '../refusals.ts';
import { acceptedContract, contractBody, contractOf } from './contracts.ts';

const commitSchema = z.object({ message: z.string().nullish() }).nullish();

/** Publishes what was written. The same key again is answered with the snapshot of the first time. */
export async function commitContract(exchange: Exchange): Promise<Answer> {
  const { world, incoming } = exchange;
  const body = bodyOf(commitSchema, await jsonBody(incoming));
  const key = header(exchange, 'idempotency-key');
  const found = contractOf(exchange);
  const isRepeated = key !== undefined && found.committed?.key === key;
  if (isRepeated) return jsonAnswer(200, contractBody(found));
  const contract = acceptedContract(exchange);
  if (contract.writes.length === 0) throw refusal(422, 'There is nothing to commit.');
  const snapshot = publish(world, {
    target: contract.target,
    tables: contract.writes,
    columns: contract.plan.columns,
    operation: contract.operation,
    message: body?.message ?? null,
  });
  contract.committed = { snapshot: snapshot.id, key };
  contract.state = 'committed';
  return jsonAnswer(200, contractBody(contract));
}
