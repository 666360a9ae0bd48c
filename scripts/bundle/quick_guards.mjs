import { readFile } from 'node:fs/promises';

const TYPES = /[\\/]sdk[\\/]dist[\\/](?:esm|cjs)[\\/]types\.js$/;

/** What a message must have at the least to be of a kind: each guard of the SDK asks this first. */
const AT_LEAST = {
  isInitializeRequest: "value?.method === 'initialize'",
  isJSONRPCRequest: 'value?.method !== undefined && value.id !== undefined',
  isJSONRPCNotification: 'value?.method !== undefined && value.id === undefined',
  isJSONRPCResultResponse: 'value?.result !== undefined',
  isJSONRPCErrorResponse: 'value?.error !== undefined',
};

/**
 * Lets the SDK see at once what a message is not. It finds out by trying whole schemas, several times for
 * each message, and a schema that says no writes a report of why, which costs a fifth of a call over HTTP.
 */
export const quickGuards = {
  name: 'quick-guards',
  setup(build) {
    build.onLoad({ filter: TYPES }, async ({ path }) => ({
      contents: quicker(await readFile(path, 'utf8')),
    }));
  },
};

/** @param {string} source of the SDK's types.js */
function quicker(source) {
  return Object.entries(AT_LEAST).reduce((text, [name, condition]) => {
    const guard = `const ${name} = (value) => `;
    if (!text.includes(guard)) throw new Error(`the SDK's types have no ${guard}`);
    return text.replace(guard, `${guard}${condition} && `);
  }, source);
}
