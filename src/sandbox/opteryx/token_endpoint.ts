import { type Answer, jsonAnswer } from '../delivery.ts';
import type { Exchange } from './exchange.ts';
import { wholeBody } from './received_body.ts';
import { fieldMissing, refusal } from './refusals.ts';

const MAX_FORM_BYTES = 64 * 1024;
const FORM = 'application/x-www-form-urlencoded';

/** The credential for a token, form-encoded; a body of any other kind is as good as none. */
export async function exchangeToken(exchange: Exchange): Promise<Answer> {
  const { world, incoming } = exchange;
  const text = (await wholeBody(incoming, MAX_FORM_BYTES)).toString('utf8');
  const isForm = incoming.request.headers['content-type']?.startsWith(FORM) ?? false;
  if (!isForm) throw fieldMissing('body', 'client_id');
  const form = new URLSearchParams(text);
  const grant = form.get('grant_type') ?? 'client_credentials';
  if (grant !== 'client_credentials') throw refusal(400, `Unsupported grant_type: ${grant}`);
  for (const field of ['client_id', 'client_secret']) {
    if (!form.has(field)) throw fieldMissing('body', field);
  }
  const { tokens, settings } = world;
  if (
    form.get('client_id') !== tokens.clientId ||
    form.get('client_secret') !== tokens.clientSecret
  ) {
    throw refusal(401, 'Invalid client credentials');
  }
  return jsonAnswer(200, {
    access_token: tokens.issue(),
    token_type: 'bearer',
    expires_in: settings.tokenSeconds,
    refresh_token: null,
  });
}
