import { z } from 'zod';
import { type Answer, jsonAnswer } from '../../delivery.ts';
import type { Exchange } from '../exchange.ts';
import { jsonBody } from '../received_body.ts';
import { type Session, tableOf } from '../records.ts';
import { bodyOf, refusal } from '../refusals.ts';
import { expiry, isOver, stampedId } from '../world.ts';

export const targetSchema = z.object({
  workspace: z.string().min(1),
  collection: z.string().min(1),
  dataset: z.string().min(1),
});

/** The first servers took no body, later ones a target; the emulator takes both. */
const startSchema = z.object({ target: targetSchema.nullish() }).nullish();

export async function startSession({ world, incoming }: Exchange): Promise<Answer> {
  const target = bodyOf(startSchema, await jsonBody(incoming))?.target ?? undefined;
  const dataset = target === undefined ? undefined : world.datasets.get(tableOf(target));
  const session: Session = {
    id: stampedId(world, '-'),
    target,
    declared: dataset?.columns,
    parts: new Map(),
    expiresAt: expiry(world),
    state: 'open',
  };
  world.sessions.set(session.id, session);
  return jsonAnswer(201, {
    session_id: session.id,
    url: `${world.uploadUrl}/v1/upload/${session.id}`,
    expires_at: session.expiresAt.toISOString(),
    parts: true,
    target: target ?? null,
    declared_schema: session.declared === undefined ? null : Object.fromEntries(session.declared),
  });
}

/** @throws Refusal 404 if there is none; 410 if it is over */
export function sessionOf({ world, id }: Exchange): Session {
  const session = world.sessions.get(id);
  if (session === undefined) throw refusal(404, 'Session not found');
  if (isOver(world, session)) throw refusal(410, 'Session expired');
  return session;
}

/** @throws Refusal as {@link sessionOf}; 409 if it was committed, which the service's pages leave open */
export function openSession(exchange: Exchange): Session {
  const session = sessionOf(exchange);
  if (session.state === 'committed') throw refusal(409, 'Session is already committed');
  return session;
}
