import { relative, sep } from 'node:path';

const BUNDLE = './on_demand.cjs';

/** Loaded by `import()` in the source, yet wanted by almost every start. */
const AT_ONCE = /[\\/]src[\\/]commands[\\/]stdio\.ts$/;

/** Evaluated when it is asked for, as a start has no use for it, and in the main bundle, whose errors it throws. */
const LATE_BUT_HERE =
  /[\\/]src[\\/](tools[\\/]answers[\\/]redirect_access|commands[\\/]connected_services|connectors[\\/]staging[\\/]\w+)\.ts$/;

/** The SDK makes one of these at every start; only a server that elicits ever uses it. */
const VALIDATOR = /[\\/]sdk[\\/]dist[\\/]esm[\\/]validation[\\/]ajv-provider\.js$/;

/** The schemas of our own tools are written at build time; whatever else needs one can wait for it. */
const SCHEMA_WRITER = /[\\/]zod-to-json-schema[\\/]dist[\\/]esm[\\/]index\.js$/;

/**
 * Cuts all that the source loads by `import()` out of the main bundle, so that V8 need not scan
 * 2 MB that an answer to tools/list has no use for. What is cut out is noted in `modules`
 * (key → path), from which `onDemandEntry` makes the second bundle. The two share no instances:
 * a module that both need exists in each.
 *
 * @param {{ root: string, modules: Map<string, string> }} options
 */
export function onDemand({ root, modules }) {
  const cutOut = (path) => {
    const key = relative(root, path).split(sep).join('/');
    modules.set(key, path);
    return key;
  };
  return {
    name: 'on-demand',
    setup(build) {
      build.onResolve({ filter: /.*/ }, async ({ path: specifier, pluginData, ...from }) => {
        if (pluginData === 'asked' || from.kind !== 'dynamic-import') return undefined;
        const found = await build.resolve(specifier, { ...from, pluginData: 'asked' });
        if (found.external || found.errors.length > 0) return found;
        if (AT_ONCE.test(found.path) || LATE_BUT_HERE.test(found.path)) return found;
        return { path: cutOut(found.path), namespace: 'on-demand' };
      });
      build.onResolve({ filter: /^\.\/on_demand\.cjs$/ }, () => ({ path: BUNDLE, external: true }));
      build.onLoad({ filter: /.*/, namespace: 'on-demand' }, ({ path: key }) => ({
        contents: `module.exports = require('${BUNDLE}').load('${key}');`,
        resolveDir: root,
      }));
      build.onLoad({ filter: SCHEMA_WRITER }, ({ path }) => ({
        contents: lateSchemaWriter(cutOut(path)),
        resolveDir: root,
      }));
      build.onLoad({ filter: VALIDATOR }, ({ path }) => ({
        contents: lateValidator(cutOut(path)),
        resolveDir: root,
      }));
    },
  };
}

/** Stands in for the SDK's validator, and loads it when the first schema comes. */
function lateValidator(key) {
  return `
    export class AjvJsonSchemaValidator {
      constructor(ajv) { this.ajv = ajv; }
      getValidator(schema) {
        const { AjvJsonSchemaValidator: Validator } = require('${BUNDLE}').load('${key}');
        this.validator ??= new Validator(this.ajv);
        return this.validator.getValidator(schema);
      }
    }`;
}

function lateSchemaWriter(key) {
  return `
    export const zodToJsonSchema = (...args) =>
      require('${BUNDLE}').load('${key}').zodToJsonSchema(...args);`;
}

/** Source of the second bundle: each module is evaluated when it is asked for. */
export function onDemandEntry(modules) {
  const entries = [...modules]
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([key, path]) => `${JSON.stringify(key)}: () => require(${JSON.stringify(path)}),`);
  return `const modules = {\n${entries.join('\n')}\n};\nexports.load = (key) => modules[key]();\n`;
}
