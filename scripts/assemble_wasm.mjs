#!/usr/bin/env node
// Writes src/transfer/checksums/crc32c_fold.ts from crc32c_fold.wat; test/unit/transfer/crc32c_fold.test.ts
// fails while the two differ.
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import assembler from 'wabt';

const fold = (ending) =>
  fileURLToPath(new URL(`../src/transfer/crc32c_fold.${ending}`, import.meta.url));

const wabt = await assembler();
const source = wabt.parseWat('crc32c_fold.wat', await readFile(fold('wat'), 'utf8'), {
  simd: true,
});
source.validate();
const base64 = Buffer.from(source.toBinary({}).buffer).toString('base64');
const lines = base64.match(/.{1,92}/g) ?? [];

await writeFile(
  fold('ts'),
  `/** crc32c_fold.wat in base64, written by \`npm run wasm\`. */
export const CRC32C_FOLD =
${lines.map((line, at) => `  '${line}'${at === lines.length - 1 ? ';' : ' +'}`).join('\n')}
`,
);
