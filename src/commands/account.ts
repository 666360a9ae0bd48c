import type { Config } from '../config.ts';
import type { Account } from '../context.ts';

export interface OpenAccount {
  readonly account: Account;
  /** Ends the sandbox, if the account is on one. */
  close(): Promise<void>;
}

/** The account that was configured, or that of a sandbox started for it. */
export async function openAccount(config: Config): Promise<OpenAccount> {
  const { apiUrl, apiToken: token, dataDir } = config;
  if (!config.sandbox) {
    return { account: { apiUrl, token, lastingName: apiUrl }, close: async () => undefined };
  }
  const { openSandbox } = await import('../sandbox/open_sandbox.ts');
  const sandbox = await openSandbox({ dataDir });
  return {
    account: {
      apiUrl: sandbox.url,
      token: sandbox.token,
      sandboxProjectId: sandbox.projectId,
      // Its port changes from run to run; a temporary one is gone with this process.
      lastingName: dataDir && `sandbox:${dataDir}`,
    },
    close: () => sandbox.close(),
  };
}
