import type { Config } from '../config.ts';

/** Settings that do not go together: each row says when, and what is to be done. */
const CONFLICTS: readonly { readonly when: (config: Config) => boolean; readonly words: string }[] =
  [
    {
      when: ({ tokenFromEnv, sandbox }) => tokenFromEnv && sandbox,
      words:
        '--token-from-env and --sandbox: the sandbox has an identity of its own; give one of them.',
    },
    {
      when: ({ tokenFromEnv, apiToken }) => tokenFromEnv && apiToken === undefined,
      words: '--token-from-env: GEOPERA_API_TOKEN is not set.',
    },
    {
      when: ({ tokenFromEnv, host }) => tokenFromEnv && !isLoopbackAddress(host),
      words:
        '--token-from-env with --host: whoever reaches the port would act as you, so it is for loopback only. Leave the flag out, and let each client bring its own token.',
    },
    {
      when: ({ sandbox, anonymous, host }) => sandbox && !anonymous && !isLoopbackAddress(host),
      words:
        '--sandbox with --host: the sandbox asks nobody for a token. Add --anonymous if anybody who reaches the port may use it.',
    },
    {
      when: ({ anonymous, sandbox }) => anonymous && !sandbox,
      words: '--anonymous is for --sandbox alone: an account is never served without a token.',
    },
  ];

/** What of these settings does not go together, in words. */
export function conflictsIn(config: Config): readonly string[] {
  return CONFLICTS.filter(({ when }) => when(config)).map(({ words }) => words);
}

function isLoopbackAddress(host: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|::1)$/.test(host);
}
