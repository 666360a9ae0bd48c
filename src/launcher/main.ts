// The command. It runs server.cjs from V8 bytecode kept since an earlier start, which takes a
// third off the time that this package adds to Node's own; Node 20 has no API that does it alone.
import { readFileSync } from 'node:fs';
import { createRequire, wrap } from 'node:module';
import { join } from 'node:path';
import { Script } from 'node:vm';
import { codeCacheFile, readCodeCache, writeCodeCache } from './code_cache.ts';

/** Set by scripts/build.mjs: digest of server.cjs. */
declare const __BUNDLE_DIGEST__: string;

/** Servers live longer than this, `--help` does not; its bytecode would lack what a server runs. */
const WARM_AFTER_MS = 1000;

const path = join(import.meta.dirname, 'server.cjs');
const cache = codeCacheFile(path, __BUNDLE_DIGEST__, process.env);
const cachedData = cache === undefined ? undefined : readCodeCache(cache);
const script = new Script(wrap(readFileSync(path, 'utf8')), { filename: path, cachedData });
if (cache !== undefined && (cachedData === undefined || script.cachedDataRejected)) {
  setTimeout(() => writeCodeCache(cache, script.createCachedData()), WARM_AFTER_MS).unref();
}
const module = { exports: {} };
script.runInThisContext()(module.exports, createRequire(path), module, path, import.meta.dirname);
