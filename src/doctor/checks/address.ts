import { GeoperaError } from '../../geopera/geopera_error.ts';
import { mayBeProxied } from '../../transfer/http/proxy_choice.ts';
import { type Found, fault, ok, warning } from '../finding.ts';
import type { Patient } from '../patient.ts';

const PROXY_VARIABLES = ['HTTPS_PROXY', 'HTTP_PROXY', 'NO_PROXY'].flatMap((name) => [
  name,
  name.toLowerCase(),
]);

const LATER = 'Clock, operations, token and scopes can be looked at once it answers.';

const TRUST =
  'This machine does not trust the certificate. Where a proxy opens TLS, name its certificate in NODE_EXTRA_CA_CERTS.';

/** What to do about a connection that did not come about, by the code of its failure. */
const ADVICE: readonly (readonly [code: RegExp, advice: string])[] = [
  [
    /^(?:ENOTFOUND|EAI_AGAIN)$/,
    'Look whether the name in --api-url (GEOPERA_API_URL) is right, and whether this machine can look up names.',
  ],
  [/^ECONNREFUSED$/, 'Nothing listens there: look at --api-url (GEOPERA_API_URL).'],
  [/CERT|SELF_SIGNED|ISSUER|VERIFY/, TRUST],
];
const NETWORK = 'Look at the network, and at the proxy where there is one (HTTPS_PROXY, NO_PROXY).';

/** Whether anything answers at the address of the API, and which way leads there. */
export async function checkAddress(patient: Patient, signal: AbortSignal): Promise<Found[]> {
  const { apiUrl } = patient;
  const way = wayTo(patient);
  const facts = { api: apiUrl, proxy_variables: proxyVariables(patient) };
  try {
    const { status } = await patient.openapi(signal);
    const found = `${apiUrl} answers${way}`;
    if (status < 500) return [ok(found, { facts: { ...facts, status } })];
    const advice = 'Geopera, or a proxy on the way, is out of order: try again later.';
    return [
      warning(`${found}, with an error (${status})`, advice, { facts: { ...facts, status } }),
    ];
  } catch (error) {
    signal.throwIfAborted();
    return [
      fault(`${apiUrl}${way}: ${whyOf(error)}`, `${adviceFor(error, patient)} ${LATER}`, { facts }),
    ];
  }
}

function whyOf(error: unknown): string {
  if (error instanceof GeoperaError) return error.detail;
  return error instanceof Error ? error.message : String(error);
}

function adviceFor(error: unknown, patient: Patient): string {
  const cause = error instanceof GeoperaError ? error.cause : undefined;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  const [, advice] = ADVICE.find(([pattern]) => pattern.test(code)) ?? [];
  // What the name and the port are of is the proxy then.
  if (isProxied(patient) && advice !== TRUST) return NETWORK;
  return advice ?? NETWORK;
}

/** The variables are named, never shown: the address of a proxy may hold a password. */
function wayTo(patient: Patient): string {
  const names = proxyVariables(patient);
  if (names.length === 0) return '';
  const way = isProxied(patient) ? 'by way of a proxy' : 'without a proxy';
  return ` ${way} (${names.join(', ')} ${names.length === 1 ? 'is' : 'are'} set)`;
}

function isProxied({ apiUrl, environment }: Patient): boolean {
  return mayBeProxied(new URL(apiUrl), environment);
}

function proxyVariables({ environment }: Patient): readonly string[] {
  return PROXY_VARIABLES.filter((name) => (environment[name] ?? '') !== '');
}
