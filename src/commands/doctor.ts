import type { Config } from '../config.ts';
import type { Account } from '../context.ts';
import { printable } from '../demo/printable.ts';
import { checkUp } from '../doctor/checkup.ts';
import type { Patient } from '../doctor/patient.ts';
import { faultsIn, reportFacts, reportWords } from '../doctor/report.ts';
import { createGeoperaClient } from '../geopera/client.ts';
import { withDeadline } from '../geopera/deadline.ts';
import { fetchOpenapi } from '../geopera/openapi_document.ts';
import { catalogue } from '../operations/catalogue.ts';
import { halfConfigured } from '../settings/configured_services.ts';
import { createTransferEngine, type TransferEngine } from '../transfer/engine.ts';
import { type Connections, createConnections } from '../transfer/http/undici_agents.ts';
import { END_SIGNALS } from '../transports/end_signals.ts';
import { openAccount } from './account.ts';
import { serviceProbes } from './service_probes.ts';
import { listTransfers } from './transfer_list.ts';

const CONNECT_MS = 10_000;
const USERINFO_SECONDS = 10;

/** `geopera-mcp doctor`: whether all that a server needs is there, and what to do where it is not. */
export async function runDoctor(config: Config): Promise<void> {
  const end = new AbortController();
  // The listeners stay: a second signal must not cut the clean-up short.
  for (const name of END_SIGNALS) {
    process.on(name, () => end.abort(new Error(`The check was ended by ${name}.`)));
  }
  const findings = await examine(config, end.signal);
  const report = config.json
    ? JSON.stringify(reportFacts(findings))
    : reportWords(findings).split('\n').map(printable).join('\n');
  process.stdout.write(`${report}\n`);
  const faults = faultsIn(findings).length;
  if (faults > 0)
    throw new Error(`geopera-mcp will not work well: ${faults} of its checks failed.`);
}

async function examine(config: Config, signal: AbortSignal) {
  const connections = createConnections(CONNECT_MS);
  const engine = createTransferEngine();
  const { account, close } = await openAccount(config);
  try {
    return await checkUp(patientOf(config, account, connections, engine), signal);
  } finally {
    await engine.close();
    await connections.close();
    await close();
  }
}

function patientOf(
  config: Config,
  { apiUrl, token }: Account,
  connections: Connections,
  engine: TransferEngine,
): Patient {
  const now = Date.now;
  const dispatcher = () => connections.open('fresh');
  const geopera = createGeoperaClient({ apiUrl, token: () => token, dispatcher, now });
  const { scopes, allowDirs, stateDir } = config;
  return {
    apiUrl,
    token,
    scopes,
    allowDirs,
    stateDir,
    workingDirectory: process.cwd(),
    environment: process.env,
    catalogue,
    halfConfigured: halfConfigured(config),
    services: serviceProbes(config, engine),
    now,
    openapi: (signal) => fetchOpenapi({ apiUrl, dispatcher, now }, signal),
    userinfo: (signal) =>
      withDeadline('userinfo', USERINFO_SECONDS, signal, (limited) => geopera.userinfo(limited)),
    transfers: async () => (stateDir === undefined ? [] : listTransfers(stateDir)),
  };
}
