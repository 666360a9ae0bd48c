// Published servers, as anybody would start them for the first time: all that a flag leaves out is said.

/** Nothing of it is real; a server that wants a secret before it lists its tools is given one. */
const MADE_UP = 'made-up-for-a-measurement';
/** Where nobody listens: what a server would report of its own use goes nowhere. */
const NOWHERE = '127.0.0.1:9';

/** Versions are pinned here alone. `args` and `env` may need the folder that a server is run in. */
export const PEERS = [
  {
    package: '@modelcontextprotocol/server-filesystem',
    version: '2026.8.31',
    args: ({ folder }) => [folder],
  },
  { package: '@playwright/mcp', version: '0.0.83' },
  {
    package: '@supabase/mcp-server-supabase',
    version: '0.13.0',
    // All that it has by default but `docs`, for which tools/list would ask its server.
    args: () => ['--features=account,database,debugging,development,functions,branching'],
    env: { SUPABASE_ACCESS_TOKEN: MADE_UP },
    leftOut: 'its tool for documents',
  },
  {
    package: '@notionhq/notion-mcp-server',
    version: '2.5.2',
    env: { NOTION_TOKEN: MADE_UP },
  },
  {
    package: '@sentry/mcp-server',
    version: '0.39.0',
    args: () => [`--access-token=${MADE_UP}`, `--sentry-dsn=http://made-up@${NOWHERE}/1`],
  },
  {
    package: 'mongodb-mcp-server',
    version: '3.0.4',
    args: () => ['--telemetry', 'disabled'],
  },
];

/** What is known of others by their own words alone. */
export const SAID = [
  {
    name: "Geopera's own server",
    tools: 'about 188',
    tokens: '≥ 18,000',
    why: 'by its own description; it is on no registry, and answers nobody without an account',
  },
];
