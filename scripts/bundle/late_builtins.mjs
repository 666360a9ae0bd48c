/** Modules of Node that take a millisecond or two to load, and that no answer to tools/list needs. */
const LATE = /^node:(crypto|fs\/promises|net|timers\/promises|tls)$/;

/** Lets the main bundle load these when one of their functions is first used. */
export const lateBuiltins = {
  name: 'late-builtins',
  setup(build) {
    build.onResolve({ filter: LATE }, ({ path, kind }) =>
      kind === 'import-statement' ? { path, namespace: 'late-builtin' } : undefined,
    );
    build.onLoad({ filter: /.*/, namespace: 'late-builtin' }, async ({ path }) => ({
      contents: `
        for (const name of ${JSON.stringify(Object.keys(await import(path)))})
          Object.defineProperty(exports, name, { enumerable: true, get: () => require('${path}')[name] });`,
    }));
  },
};
