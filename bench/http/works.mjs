import { PEER } from './servers.mjs';

/** Held against each of ours. */
export const PEER_NAME = 'one-tool server';
export const OURS = 'geopera-mcp';

/** The least share of the peer's calls a second that is aimed at. */
export const AT_LEAST = 0.9;

/** How sessions are kept: both servers take the same flags. */
export const MODES = { stateful: [], stateless: ['--stateless'] };

const ours = ({ command }, ...args) => [
  command,
  'http',
  '--rate-limit',
  '0',
  '--port',
  '0',
  ...args,
];

const ownTokens = (world, ...args) => ({
  args: ours(world, ...args),
  env: { GEOPERA_API_URL: world.sandbox.url },
  token: world.sandbox.token,
});

/**
 * Every server that is measured: what it is started with. A world has the `command` of ours, a `sandbox`
 * for it, and a `redis` where there is one.
 */
const SUBJECTS = {
  [PEER_NAME]: (_world, flags) => ({ args: [PEER, ...flags] }),
  [OURS]: (world, flags) => ({ args: ours(world, '--sandbox', ...flags) }),
  [`${OURS}, own tokens`]: (world, flags) => ownTokens(world, ...flags),
};

const WITH_REDIS = {
  [`${OURS}, own tokens, Redis`]: (world, flags) =>
    ownTokens(world, '--redis', world.redis, ...flags),
};

/** What there is to start in a world, by name. */
export const subjectsIn = (world) =>
  world.redis === undefined ? SUBJECTS : { ...SUBJECTS, ...WITH_REDIS };

const ECHO = { text: 'harbour', times: 1, upper: false, prefix: '', suffix: '' };

/** What a client asks for, of which subjects: all if none are named. A tool of ours answers from memory. */
export const WORKS = [
  {
    title: 'tools/call',
    asked: (name) => ({
      method: 'tools/call',
      params:
        name === PEER_NAME
          ? { name: 'echo', arguments: ECHO }
          : { name: 'transfer_status', arguments: {} },
    }),
  },
  { title: 'tools/list', subjects: [PEER_NAME, OURS], asked: () => ({ method: 'tools/list' }) },
  { title: 'ping', subjects: [PEER_NAME, OURS], asked: () => ({ method: 'ping' }) },
];

/** What many sessions are opened at. */
export const MEMORY_SUBJECTS = {
  [PEER_NAME]: SUBJECTS[PEER_NAME],
  // All sessions are of one principal, which has a tenth of them at most.
  [OURS]: (world, flags) => SUBJECTS[OURS](world, [...flags, '--max-sessions', '1000000']),
};
