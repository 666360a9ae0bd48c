import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import ts from 'typescript';

const ESM = /[\\/]sdk[\\/]dist[\\/]esm[\\/]types\.js$/;
const CJS = /[\\/]sdk[\\/]dist[\\/]cjs[\\/]types\.js$/;

/**
 * Makes each of the SDK's protocol schemas when it is first used.
 *
 * The SDK builds some 150 zod schemas at the top level of one file; a start uses a dozen. Its
 * CommonJS edition, which reads every schema as a property of `exports`, can be made late without
 * touching any other file: each assignment to `exports` becomes a getter.
 */
export const lateSchemas = {
  name: 'late-schemas',
  setup(build) {
    let names = [];
    build.onResolve({ filter: /types\.js$/ }, async ({ path, pluginData, ...from }) => {
      if (pluginData === 'asked') return undefined;
      const found = await build.resolve(path, { ...from, pluginData: 'asked' });
      return ESM.test(found.path)
        ? { path: found.path.replace(/esm([\\/]types)/, 'cjs$1') }
        : found;
    });
    build.onLoad({ filter: CJS }, async ({ path }) => {
      const source = await readFile(path, 'utf8');
      names = [...new Set([...source.matchAll(/\bz\.(\w+)/g)].map(([, name]) => name))];
      return { contents: makeLate(source) };
    });
    // A required package is bundled whole; re-exporting by name keeps what is used of it. And a
    // start sees each shape of message once: compiling parsers for them costs more than it saves.
    build.onResolve({ filter: /^zod\/v4$/ }, ({ importer, kind }) =>
      kind === 'require-call' && CJS.test(importer)
        ? { path: 'zod/v4', namespace: 'by-name', pluginData: dirname(importer) }
        : undefined,
    );
    build.onLoad({ filter: /.*/, namespace: 'by-name' }, ({ path, pluginData: resolveDir }) => ({
      contents: `
        import { config } from '${path}';
        export { ${names.join(', ')} } from '${path}';
        config({ jitless: true });`,
      resolveDir,
    }));
  },
};

/** @param {string} source A CommonJS module whose assigned calls have no side effects. */
function makeLate(source) {
  const file = ts.createSourceFile('module.cjs', source, ts.ScriptTarget.Latest);
  let late = LATER;
  let end = 0;
  for (const statement of file.statements) {
    const found = assignedCall(statement, file);
    if (found === undefined) continue;
    late += `${source.slice(end, statement.getStart(file))}later('${found.name}', () => ${found.call});`;
    end = statement.end;
  }
  return late + source.slice(end);
}

/** The parts of `exports.name = call();` */
function assignedCall(statement, file) {
  if (!ts.isExpressionStatement(statement) || !ts.isBinaryExpression(statement.expression))
    return undefined;
  const { left, right } = statement.expression;
  const exported =
    ts.isPropertyAccessExpression(left) && left.expression.getText(file) === 'exports';
  if (!exported || !ts.isCallExpression(right)) return undefined;
  return { name: left.name.text, call: right.getText(file) };
}

const LATER = `
  function later(name, make) {
    const define = (descriptor) =>
      Object.defineProperty(exports, name, { enumerable: true, configurable: true, ...descriptor });
    define({ get: () => { const value = make(); define({ value }); return value; } });
  }
`;
