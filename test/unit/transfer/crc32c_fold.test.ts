import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import assembler from 'wabt';
import { CRC32C_FOLD } from '../../../src/transfer/checksums/crc32c_fold.ts';

it('is what crc32c_fold.wat says (npm run wasm)', async () => {
  const source = new URL('../../../src/transfer/checksums/crc32c_fold.wat', import.meta.url);
  const wabt = await assembler();
  const assembled = wabt.parseWat('crc32c_fold.wat', await readFile(source, 'utf8'), {
    simd: true,
  });
  expect(CRC32C_FOLD).toBe(Buffer.from(assembled.toBinary({}).buffer).toString('base64'));
});
