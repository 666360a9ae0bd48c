import type { ServiceErrorKind, ServiceName } from '../connectors/http/service_error.ts';
import { ServiceError } from '../connectors/http/service_error.ts';
import {
  type Leftover,
  ServiceUploadFailed,
  UNHEARD,
} from '../connectors/service_upload_failed.ts';
import { plainId, plainText } from '../geopera/plain_text.ts';
import { type Explanation, sentence } from './explanation.ts';

/** Words for what other services refuse; undefined for other errors. */
export function explainServices(
  error: unknown,
  explain: (cause: unknown) => Explanation,
): Explanation | undefined {
  if (error instanceof ServiceError) return explainRefusal(error);
  if (error instanceof ServiceUploadFailed) return explainUpload(error, explain(error.cause));
  return undefined;
}

const NAMES: Readonly<Record<ServiceName, string>> = { opteryx: 'Opteryx', geolens: 'GeoLens' };

/** Where the user sets who they are. */
const CREDENTIALS: Readonly<Record<ServiceName, string>> = {
  opteryx: 'OPTERYX_CLIENT_ID and OPTERYX_CLIENT_SECRET (or OPTERYX_TOKEN)',
  geolens: 'GEOLENS_API_KEY (or GEOLENS_TOKEN)',
};

interface Advice {
  readonly retryable: boolean;
  next(error: ServiceError): string;
}

const advice = (next: string | Advice['next'], retryable = false): Advice => ({
  retryable,
  next: typeof next === 'string' ? () => next : next,
});

const TELL = 'Tell the user what it said; the same call will fail again.';

/** What to do about each way in which a service refuses a call. */
const ADVICE: Readonly<Record<ServiceErrorKind, Advice>> = {
  no_credentials: advice(
    ({ service }) =>
      `Ask the user to set ${CREDENTIALS[service]} for this server, and to restart it.`,
  ),
  unauthenticated: advice(
    ({ service }) =>
      `The credentials are wrong or have expired. Ask the user to check ${CREDENTIALS[service]}, and to restart this server.`,
  ),
  forbidden: advice(({ service }) =>
    service === 'geolens'
      ? 'The key may not do this: an upload needs the scope full and the permission upload. Ask the user for another key.'
      : 'These credentials may not do this. Ask the user for the right to write there.',
  ),
  not_found: advice(
    'Check the ids: it is unknown, of somebody else, or no longer kept. If the call names none, ask the user to check the configured address (OPTERYX_UPLOAD_URL, GEOLENS_INSTANCE).',
  ),
  conflict: advice(({ service }) =>
    service === 'opteryx'
      ? 'What is there already does not allow this: a dataset that exists, other columns, or a value that its column cannot hold. Choose another dataset or, if the user agrees, another conflict_resolution; or correct the data.'
      : 'Its state does not allow this. Look with geolens_job_status, and begin again if it is over.',
  ),
  gone: advice('It has expired, and what was sent with it is gone. Begin again.', true),
  too_large: advice(({ service }) =>
    service === 'opteryx'
      ? 'It is larger than the service takes at once. Send it with opteryx_upload_file, which cuts csv and ndjson; write parquet as several smaller files.'
      : 'The file is larger than this instance takes, or its storage is full. geolens_upload_config tells the limits; tell the user.',
  ),
  invalid_input: advice('Correct what is named, in the call or in the file, and call again.'),
  rate_limited: advice(
    ({ retryAfterSeconds: seconds }) =>
      seconds === undefined ? 'Call again in a minute.' : `Call again in ${seconds} seconds.`,
    true,
  ),
  rejected: advice(TELL),
  unavailable: advice('The service is in trouble. Call again in a few minutes.', true),
  unreachable: advice('Check the network and the address of the service, then call again.', true),
  not_the_api: advice(
    'Something else answers at this address. Ask the user to check the configured address (OPTERYX_UPLOAD_URL, GEOLENS_INSTANCE).',
  ),
  unexpected_answer: advice('The service answered otherwise than it is known to. Tell the user.'),
};

/** What a code of Opteryx contracts asks for, where the status says less. */
const BY_CODE: Readonly<Record<string, string>> = {
  value_not_castable:
    'Correct the named value, or declare another type for its column (columns), then call again.',
  column_undeclared:
    'The file has a column that the dataset has not. Leave it out (under a contract, name it in ignore), or send the file to another dataset.',
  column_missing: 'The file lacks a column of the dataset. Add it, then call again.',
  sources_disagree:
    'The files, or the parts of one, have different columns. Send files that agree in one call each; in NDJSON, give every record all columns.',
  contracts_not_served:
    'Ask the user to start this server with --opteryx-api v1 (sessions) or auto.',
  contract_stale: 'The dataset changed meanwhile. Call again: the plan is made anew.',
  proposal_changed: 'The plan is another than the one that was accepted. Call again to see it.',
  dataset_exists:
    'The dataset exists. Choose another name or, if the user agrees, conflict_resolution append or overwrite.',
  format_unreadable: 'The file is not what its name says, or is damaged. Check it.',
  contract_expired: 'The contract has run out. Begin again.',
};

function explainRefusal(error: ServiceError): Explanation {
  const { service, call, kind, code, status } = error;
  const { retryable, next } = ADVICE[kind];
  const named = [status === undefined ? undefined : `${status}`, code].filter(
    (it) => it !== undefined,
  );
  const answered = named.length === 0 ? '' : ` (${named.join(', ')})`;
  return {
    code: `${service}_${code ?? kind}`,
    what: `${NAMES[service]} did not do ${call}${answered}: ${sentence(error.detail)}`,
    next: (code === undefined ? undefined : BY_CODE[code]) ?? next(error),
    retryable,
  };
}

const STEPS: Readonly<Record<ServiceUploadFailed['step'], string>> = {
  agree: 'when its plan was agreed',
  send: 'while it was sent',
  inspect: 'when what arrived was looked at',
  finish: 'when it was committed',
};

function explainUpload(error: ServiceUploadFailed, cause: Explanation): Explanation {
  const { service, left, step } = error;
  const target = plainText(error.target, 255);
  if (left.kind === 'perhaps_done') {
    return {
      code: `${service}_outcome_unknown`,
      what: `The upload to ${target} may be done: ${NAMES[service]} was asked to commit ${which(error)}, and its answer was lost. ${cause.what} ${triedWords(left)}`,
      next: `${LOOK[service](plainId(error.id))}${finishWords(error, left)}`,
      retryable: false,
    };
  }
  if (left.kind === 'goes_on') {
    return {
      code: `${service}_goes_on`,
      what: `The upload to ${target} was committed, and ${NAMES[service]} goes on with ${which(error)}: only the wait for it ended. ${cause.what}`,
      next: `${LOOK_ON[service](plainId(error.id))} Do not upload the file again.`,
      retryable: false,
    };
  }
  return {
    ...cause,
    what: `The upload to ${target} failed ${STEPS[step]}. ${cause.what} ${leftWords(error, left)}`,
    next: `${cause.next}${goOnWords(error, left)}`,
  };
}

/** How to find out whether a commit was done. */
const LOOK: Readonly<Record<ServiceName, (id: string) => string>> = {
  opteryx: () =>
    'Tell the user, and look at the table (its rows, its newest snapshot) before anything is sent again: to append twice would double the rows.',
  geolens: (id) =>
    `Look with geolens_job_status and job_id ${id}: complete means that it is done. If it stays pending for minutes, it was likely not committed: tell the user, and call geolens_commit only if they agree.`,
};

type PerhapsDone = Extract<Leftover, { kind: 'perhaps_done' }>;

function triedWords({ finishIdempotent = false }: PerhapsDone): string {
  return `Nothing was removed${finishIdempotent ? '' : ', and nothing was tried twice'}.`;
}

/** Contracts alone are finished as often as one likes. */
function finishWords({ id }: ServiceUploadFailed, { finishIdempotent }: PerhapsDone): string {
  return finishIdempotent === true
    ? ` Where opteryx_commit_contract is listed, it may be called with contract_id ${plainId(id)}: that counts once.`
    : '';
}

/** How to see what becomes of what was committed. */
const LOOK_ON: Readonly<Record<ServiceName, (id: string) => string>> = {
  opteryx: () => 'Look at the table.',
  geolens: (id) => `geolens_job_status with job_id ${id} tells the dataset id once it is complete.`,
};

type Failed = Extract<Leftover, { kind: 'nothing' | 'staged' }>;

/** A refusal after all bytes arrived costs no second upload. */
function goOnWords({ id, cause }: ServiceUploadFailed, left: Failed): string {
  if (left.kind !== 'staged' || !left.isWhole || !(cause instanceof ServiceError)) return '';
  return ` If the file itself is right, it need not be sent again: geolens_commit with job_id ${plainId(id)} makes a dataset of it.`;
}

function which({ idOf, id }: ServiceUploadFailed): string {
  return `${idOf} ${plainId(id)}`;
}

function leftWords(error: ServiceUploadFailed, left: Failed): string {
  if (left.kind === 'nothing') return `Nothing of it is left at ${NAMES[error.service]}.`;
  const why =
    left.reason === undefined ? '' : ` and could not be removed (${plainText(left.reason)})`;
  const whose = error.id === UNHEARD ? '' : ` of ${which(error)}`;
  return `${left.what}${whose} stayed${why}: nobody can read that, and it goes by itself (${left.expires}).`;
}
