// The arrows of docs/architecture.md. A part of src/ may import what its line names, and itself.
const MAY_IMPORT = {
  launcher: [],
  'cli.ts': ['command_line.ts', 'commands', 'config.ts', 'version.ts'],
  'command_line.ts': ['config.ts'],
  'state_folder.ts': [],
  commands: [
    'config.ts',
    'context.ts',
    'demo',
    'geopera',
    'geopera_offer.ts',
    'jobs',
    'log.ts',
    'metrics',
    'offer.ts',
    'operations',
    'principals',
    'protocol',
    'redis',
    'sandbox',
    'server.ts',
    'server_context.ts',
    'state_folder.ts',
    'tools',
    'transfer',
    'transports',
    'workflows',
  ],
  'context.ts': [
    'config.ts',
    'geopera',
    'jobs',
    'log.ts',
    'server_context.ts',
    'state_folder.ts',
    'transfer',
    'workflows',
  ],
  'config.ts': ['log.ts', 'operations', 'state_folder.ts'],
  demo: ['config.ts', 'sandbox', 'version.ts'],
  transports: ['config.ts', 'log.ts', 'server.ts', 'server_context.ts', 'transfer/clock.ts'],
  'server.ts': ['instructions.ts', 'offer.ts', 'protocol', 'server_context.ts', 'version.ts'],
  'server_context.ts': ['instructions.ts', 'jobs', 'log.ts', 'tools', 'transfer'],
  'geopera_offer.ts': ['offer.ts', 'prompts', 'resources', 'tools'],
  'offer.ts': ['prompts', 'resources', 'tools'],
  protocol: [
    'log.ts',
    'offer.ts',
    'prompts',
    'resources',
    'server_context.ts',
    'tools',
    'transfer',
  ],
  prompts: ['geopera', 'operations', 'resources', 'tools', 'workflows'],
  resources: ['geopera', 'jobs', 'operations', 'tools', 'transfer', 'workflows'],
  'instructions.ts': ['tools/file_access.ts'],
  tools: ['geopera', 'jobs', 'log.ts', 'operations', 'transfer', 'workflows'],
  principals: ['geopera', 'transfer/cancellable.ts'],
  metrics: ['jobs', 'workflows'],
  redis: ['jobs', 'transfer', 'workflows'],
  jobs: ['transfer', 'workflows'],
  workflows: ['geopera', 'log.ts', 'operations', 'transfer'],
  geopera: ['operations'],
  transfer: [],
  sandbox: ['operations', 'transfer/files/process_identity.ts'],
  operations: [],
  'log.ts': [],
  'version.ts': [],
};

/** Packages that the bundle may carry, and the parts that may use them; all may use zod. */
const PACKAGES = {
  zod: Object.keys(MAY_IMPORT),
  'zod-to-json-schema': ['sandbox', 'tools'],
  '@modelcontextprotocol/sdk': [
    'demo',
    'prompts',
    'protocol',
    'resources',
    'server.ts',
    'server_context.ts',
    'tools',
    'transports',
  ],
  undici: ['context.ts', 'geopera', 'transfer'],
  'hash-wasm': ['sandbox'],
  geotiff: ['demo', 'sandbox'],
  proj4: ['sandbox'],
  pino: ['log.ts'],
  'prom-client': ['metrics'],
  'rate-limiter-flexible': ['transports'],
  '@redis/client': ['redis'],
};

const literally = (text) => text.replaceAll('.', '\\.');
const inPart = (part) => `^src/${literally(part)}${part.endsWith('.ts') ? '$' : '/'}`;
const inPackage = (name) => `node_modules/${literally(name)}/`;

const arrows = Object.entries(MAY_IMPORT).map(([part, allowed]) => ({
  name: `arrow-${part}`,
  comment: `src/${part} may import of ours: ${allowed.join(', ') || 'nothing'}`,
  severity: 'error',
  from: { path: inPart(part) },
  to: { path: '^(src|test|bench|scripts)/', pathNot: [part, ...allowed].map(inPart) },
}));

const packages = Object.entries(PACKAGES).map(([name, parts]) => ({
  name: `package-${name}`,
  comment: `${name} is for src/{${parts.join(',')}}`,
  severity: 'error',
  from: { path: '^src/', pathNot: parts.map(inPart) },
  to: { path: inPackage(name) },
}));

module.exports = {
  forbidden: [
    ...arrows,
    ...packages,
    {
      name: 'package-unlisted',
      comment: 'name it in PACKAGES: whatever src/ imports ends up in the bundle',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: 'node_modules/', pathNot: Object.keys(PACKAGES).map(inPackage) },
    },
    {
      name: 'part-unlisted',
      comment: 'a new part of src/ wants a line in MAY_IMPORT',
      severity: 'error',
      from: {},
      to: { path: '^src/', pathNot: Object.keys(MAY_IMPORT).map(inPart) },
    },
    { name: 'no-cycle', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-orphan',
      severity: 'error',
      from: { orphan: true, path: '^src/', pathNot: '\\.d\\.ts$' },
      to: {},
    },
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
      extensions: ['.ts', '.mjs', '.cjs', '.js'],
    },
  },
};
