import { fileURLToPath } from 'node:url';

export const COMMAND = fileURLToPath(new URL('../../dist/cli.cjs', import.meta.url));

/** Aims for a list that a client is given unasked: tokens of all, and of its largest tool; bytes of a schema. */
const DEFAULT_AIMS = { tokens: 6_000, largestTool: 600, inputSchemaBytes: 12 * 1024 };
/** Where files come by path and by link, there are the tools for both. */
const BOTH_WAYS_AIMS = { ...DEFAULT_AIMS, tokens: 7_500 };
/** Who asks for everything gets it; no single tool is larger for that. */
const EVERY_TOOL_AIMS = { ...DEFAULT_AIMS, tokens: undefined };

/** Lists of ours that are measured: how each is asked for, and what it may cost. */
export const LISTS = [
  { name: 'geopera-mcp', over: 'stdio', flags: [], aims: DEFAULT_AIMS },
  { name: 'geopera-mcp --read-only', over: 'stdio', flags: ['--read-only'], aims: DEFAULT_AIMS },
  {
    name: 'geopera-mcp --toolsets all',
    over: 'stdio',
    flags: ['--toolsets', 'all'],
    aims: EVERY_TOOL_AIMS,
  },
  { name: 'geopera-mcp http', over: 'http', flags: [], aims: DEFAULT_AIMS },
  {
    name: 'geopera-mcp http --allow-dir …',
    over: 'http',
    flags: ['--allow-dir', '.'],
    aims: BOTH_WAYS_AIMS,
  },
];

/**
 * What a user may want that no tool of the default list does, from the wish to the answer. `wishes` are said
 * to the search in turn until it names the operation: each of them is paid for. `argumentsFrom` takes what
 * earlier trips were answered, by operation.
 */
export const TRIPS = [
  {
    wishes: ['which companies sell satellite imagery here', 'list imagery providers'],
    operation: 'glossary.providers.list',
    arguments: {},
  },
  {
    wishes: ['satellite scenes of Sydney harbour from last June', 'search the catalogue'],
    operation: 'catalog.search',
    arguments: {
      host_name: 'sandbox-optical',
      bbox: [151.1, -33.95, 151.3, -33.8],
      datetime: '2024-06-01T00:00:00Z/2024-06-30T00:00:00Z',
    },
  },
  {
    wishes: ['buy the first of these scenes', 'buy captures from the archive'],
    operation: 'orders.archive.place',
    argumentsFrom: ({ 'catalog.search': { features } }) => ({
      captures: features.slice(0, 1).map(({ id, geometry }) => ({ id, geometry })),
    }),
  },
  {
    wishes: ['which orders have we placed', 'list orders'],
    operation: 'orders.list',
    arguments: {},
  },
  {
    wishes: ['set up a new project for the harbour survey', 'create a project'],
    operation: 'projects.create',
    arguments: { name: 'Harbour survey' },
  },
  {
    wishes: ['get rid of that trial project for good', 'delete a project'],
    operation: 'projects.delete',
    argumentsFrom: ({ 'projects.create': { id } }) => ({ project_id: id }),
  },
];
