// Loaded by `node --import` before a conformance suite: both versions import `fs.globSync`, which
// Node has from 22 on, and use it in no scenario.
import { register } from 'node:module';
import { isMainThread } from 'node:worker_threads';

const SUITES = ['conformance-0.1', 'conformance-0.2'].map(
  (name) => new URL(`../../node_modules/${name}/`, import.meta.url).href,
);

const FS_WITH_GLOB = `data:text/javascript,${encodeURIComponent(`
  export * from 'node:fs';
  export { default } from 'node:fs';
  export function globSync() {
    throw new Error('fs.globSync is not in Node 20');
  }
`)}`;

// Node runs hooks in a thread of their own, which loads this same file.
if (isMainThread) register(import.meta.url);

/** The hook: a suite that asks for `fs` is given one with `globSync`, everything else what it asked for. */
export async function resolve(specifier, context, next) {
  const asksForFs = specifier === 'fs' || specifier === 'node:fs';
  return asksForFs && SUITES.some((folder) => context.parentURL?.startsWith(folder))
    ? { url: FS_WITH_GLOB, format: 'module', shortCircuit: true }
    : next(specifier, context);
}
