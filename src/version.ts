/** Set by scripts/build.mjs from package.json; absent where the source runs unbundled. */
declare const __VERSION__: string | undefined;

/** Version of this package, as sent to clients and to the API. */
export const VERSION = typeof __VERSION__ === 'undefined' ? '0.0.0-source' : __VERSION__;
