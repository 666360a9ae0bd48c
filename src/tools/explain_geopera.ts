import type { GeoperaError, GeoperaErrorKind } from '../geopera/geopera_error.ts';
import { operationById } from '../operations/catalogue.ts';
import { type Explanation, sentence } from './explanation.ts';
import { resourceOf } from './selection/toolsets.ts';

type Advice = { readonly retryable: boolean; next(error: GeoperaError): string };

const advice = (next: string | Advice['next'], retryable = false): Advice => ({
  retryable,
  next: typeof next === 'string' ? () => next : next,
});

const CONFLICT =
  'What is there already does not allow this: a name or key in use, or something that has ended or is just being changed. Read its state, then change the call.';
/** The same in the words of a resource. */
const CONFLICTS: Readonly<Record<string, string>> = {
  uploads:
    'What is there already does not allow this: an asset key in use (choose another asset_key), or an upload session that has ended. Look with items.list_assets.',
  clip: 'The state of the job does not allow this. Look with clip.job.get.',
};

/** What to do about each way in which Geopera refuses a call. */
const ADVICE: Readonly<Record<GeoperaErrorKind, Advice>> = {
  no_token: advice(
    'Ask the user to set GEOPERA_API_TOKEN for this server (an API key that starts with gpra_) and to restart it. To try without an account, start it with --sandbox.',
  ),
  unauthenticated: advice(
    'The token is wrong or has expired (session tokens live 5 minutes). Ask the user for a valid one: for a server with a token of its own, an API key in GEOPERA_API_TOKEN and a restart; else to sign in again, or to correct the token that the client sends.',
  ),
  missing_scope: advice(
    (error) =>
      `The token lacks the scope ${error.scope}. Ask the user for a token that grants it (an API key, or a new sign-in); repeating the call will not help.`,
  ),
  forbidden: advice(
    'The token is valid but its owner may not do this: check the project id and the role in that project (uploads need editor or admin).',
  ),
  payment_required: advice(
    'The organization lacks credits or storage quota. Ask the user to add some or to free space; repeating the call will not help.',
  ),
  not_found: advice(
    'Check the ids: Geopera says the same of things that belong to another organization. An operation that lists things of this kind shows their ids, as items.list and items.list_assets do.',
  ),
  conflict: advice(({ operationId }) => CONFLICTS[resourceOf(operationId)] ?? CONFLICT),
  gone: advice('It has expired and is no longer kept. Look for a newer one.'),
  invalid_input: advice((error) =>
    error.fields.length > 0
      ? 'Correct the named fields and call again.'
      : 'Change the call by the reason given; the same call will fail again.',
  ),
  rate_limited: advice(
    (error) =>
      error.retryAfterSeconds === undefined
        ? 'Wait a minute, then call again. Downloads may also have met the egress limit.'
        : `Wait ${error.retryAfterSeconds} seconds, then call again.`,
    true,
  ),
  rejected: advice('Read the reason given and change the call; the same call will fail again.'),
  unavailable: advice((error) => afterNoAnswer(error), true),
  unreachable: advice((error) => afterNoAnswer(error), true),
  not_the_api: advice(
    'What answered is not the Geopera API. Tell the user that the GEOPERA_API_URL of this server is to be checked (the host alone, without a path), and whether a proxy or a sign-in page answers in its place.',
  ),
  unexpected_answer: advice((error) =>
    mayHaveActed(error)
      ? afterNoAnswer(error)
      : 'The API answered in a form that this server does not know. Tell the user; a newer version of geopera-mcp may help.',
  ),
};

/** Words for a refusal or a silence of the API. */
export function explainGeopera(error: GeoperaError): Explanation {
  const { retryable, next } = ADVICE[error.kind];
  const status = error.status === undefined ? '' : ` (HTTP ${error.status})`;
  return {
    code: error.kind,
    what: `${error.operationId} failed${status}: ${sentence(error.detail)}`,
    next: next(error),
    retryable,
  };
}

function mayHaveActed({ fateUnknown, operationId }: GeoperaError): boolean {
  return fateUnknown && operationById(operationId)?.effect !== 'read';
}

function afterNoAnswer(error: GeoperaError): string {
  if (!mayHaveActed(error))
    return 'Wait a minute, then call again. If it stays so, tell the user to check the network of this server and its GEOPERA_API_URL.';
  if (operationById(error.operationId)?.effect === 'external_spend')
    return 'It is not known whether the API acted. Make the very same call again in a minute: it carries the same Idempotency-Key, so it is the same spend and not a second one.';
  return error.operationId === 'uploads.initiate'
    ? 'Call again in a minute. The session may have been opened all the same: the upload tools look for it by its idempotency key and release it; one of uploads.initiate stays until Geopera ends it, since no operation lists sessions.'
    : 'It is not known whether the API acted. Read the state first, then call again if nothing happened.';
}
